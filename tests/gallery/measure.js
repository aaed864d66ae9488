// What is wrong with the page as it is laid out now, in sentences; given how it should say its language, how small its
// words may be and how low its buttons (CSS pixels).
({ lang, dir, small, low }) => {
  const faults = [];
  const root = document.documentElement;
  const named = (element) => `<${element.localName}> “${element.textContent.trim().slice(0, 40)}”`;

  if (root.lang !== lang || root.dir !== dir) faults.push(`the page says ${root.lang} and ${root.dir}`);
  if (root.scrollWidth > root.clientWidth) faults.push(`it scrolls sideways: ${root.scrollWidth} of ${root.clientWidth} px`);

  const [red, green, blue, alpha = 1] = getComputedStyle(document.body).backgroundColor.match(/[\d.]+/g).map(Number);
  const isLight = alpha > 0 && red + green + blue > 384;
  if (isLight && matchMedia("(prefers-color-scheme: dark)").matches) faults.push("the page stays light in the dark");

  for (const element of document.body.querySelectorAll("*")) {
    const style = getComputedStyle(element);
    const box = element.getBoundingClientRect();
    // A hair's breadth is rounding; what is clipped on purpose, for screen readers, is a pixel wide.
    const scrolls = ["auto", "scroll"].includes(style.overflowX);
    const isBox = !element.ownerSVGElement;  // what is drawn has no box of its own
    if (isBox && !scrolls && element.clientWidth > 1 && element.scrollWidth > element.clientWidth + 1) faults.push(`${named(element)} overflows`);
    if (box.left < -1 && box.right > 1) faults.push(`${named(element)} begins outside of the page`);
    const isButton = element.localName === "button" || (element.localName === "a" && style.display === "inline-block");
    const isTick = ["checkbox", "radio"].includes(element.type) && !element.closest(".elsewhere");
    if (isTick && box.height < low) faults.push(`a ${element.type} is ${box.height} px high`);
    if (isButton && box.height < low) faults.push(`${named(element)} is ${box.height} px high`);
  }

  const texts = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  while (texts.nextNode()) {
    const size = parseFloat(getComputedStyle(texts.currentNode.parentElement).fontSize);
    if (size < small && texts.currentNode.data.trim()) faults.push(`${named(texts.currentNode.parentElement)} is ${size} px small`);
  }
  return faults;
}
