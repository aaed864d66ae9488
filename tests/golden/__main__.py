"""Write the files anew (`make golden`), to be read in review: `git diff tests/golden`."""

import shutil

from tests.golden.kept import FOLDER, kept

shutil.rmtree(FOLDER, ignore_errors=True)
for name, content in kept().items():
    (FOLDER / name).parent.mkdir(parents=True, exist_ok=True)
    (FOLDER / name).write_bytes(content)
