/**
 * Sends each response of this Google Form to Convenor. How to install it: docs/connect/google-forms.md.
 *
 * Nothing is lost while Convenor cannot be reached: a response is sent again, every ten minutes, until it was taken.
 * Convenor knows each response by its id and time, so that sending one twice registers nobody twice; a response that
 * its author has edited is sent as a new one and updates the registration.
 *
 * Script properties: HOOK_URL and HOOK_SECRET. This script keeps SENT_UNTIL there, the time up to which all is sent.
 */

const EVERY_MINUTES = 10;

/** Run once, by hand: checks the properties and makes the form call this script. Running it again does no harm. */
function install() {
  settings_();
  const form = FormApp.getActiveForm();
  ScriptApp.getProjectTriggers()
    .filter(trigger => trigger.getHandlerFunction() === 'sendNew')
    .forEach(trigger => ScriptApp.deleteTrigger(trigger));
  ScriptApp.newTrigger('sendNew').forForm(form).onFormSubmit().create();
  ScriptApp.newTrigger('sendNew').timeBased().everyMinutes(EVERY_MINUTES).create();
  console.log('Installed. Responses will go to ' + settings_().url);
  sendNew();
}

/** Run by hand: prints what belongs into the programme's file, a line for each question. */
function listQuestions() {
  const form = FormApp.getActiveForm();
  const lines = form.getItems()
    .filter(item => !/PAGE_BREAK|SECTION_HEADER|IMAGE|VIDEO/.test(String(item.getType())))
    .map(item => '      - {question: ' + item.getId() + ', field: FIELD}  # ' + item.getTitle());
  console.log(['  - source: google-forms', '    form: ' + form.getId(), '    questions:'].concat(lines).join('\n'));
}

/** Called by the form at each response, and by the clock: sends what was not sent yet, the oldest first. */
function sendNew() {
  const lock = LockService.getScriptLock();
  if (!lock.tryLock(20000)) return; // another call is sending; the clock will call again
  try {
    const properties = PropertiesService.getScriptProperties();
    const until = Number(properties.getProperty('SENT_UNTIL') || 0);
    // From the same millisecond on: two people may have answered in it. Convenor knows those it has.
    const form = FormApp.getActiveForm();
    const responses = (until ? form.getResponses(new Date(until - 1)) : form.getResponses())
      .sort((one, other) => one.getTimestamp() - other.getTimestamp());
    const refused = [];
    for (const response of responses) {
      const code = send_(form, response);
      // Not now, and perhaps not us: the clock will call again. What is refused for its content alone is passed over.
      if (code === 408 || code === 429 || code >= 500) break;
      if (![202, 400, 413, 415].includes(code)) {
        refused.push(explained_(code)); // Google tells the script's owner by mail
        break;
      }
      if (code !== 202) refused.push('Convenor refused with ' + code + ' the response of ' + response.getTimestamp().toISOString());
      properties.setProperty('SENT_UNTIL', String(response.getTimestamp().getTime()));
    }
    if (refused.length) throw new Error(refused.join('; ')); // one of them stops no others
  } finally {
    lock.releaseLock();
  }
}

/** Signs one response by Standard Webhooks and posts it. Returns the status of the answer; 503 where there was none. */
function send_(form, response) {
  const settings = settings_();
  const body = JSON.stringify({
    type: 'registration.submitted',
    timestamp: new Date().toISOString(),
    data: {
      provider: 'google_forms',
      form_id: form.getId(),
      response_id: response.getId(),
      submitted_at: response.getTimestamp().toISOString(),
      respondent_email: response.getRespondentEmail() || '',
      answers: response.getItemResponses().map(answer => ({
        item_id: answer.getItem().getId(),
        title: answer.getItem().getTitle(),
        type: String(answer.getItem().getType()),
        value: answer.getResponse(),
      })),
    },
  });
  // No dot in the id: it divides what is signed.
  const id = 'gf_' + response.getId().replace(/[^A-Za-z0-9_-]/g, '_') + '_' + response.getTimestamp().getTime();
  const timestamp = String(Math.floor(Date.now() / 1000));
  const signed = Utilities.newBlob(id + '.' + timestamp + '.' + body).getBytes();
  const signature = Utilities.base64Encode(Utilities.computeHmacSha256Signature(signed, settings.key));
  try {
    return UrlFetchApp.fetch(settings.url, {
      method: 'post',
      contentType: 'application/json',
      payload: Utilities.newBlob(body).getBytes(),
      headers: {'webhook-id': id, 'webhook-timestamp': timestamp, 'webhook-signature': 'v1,' + signature},
      muteHttpExceptions: true,
      followRedirects: false,
    }).getResponseCode();
  } catch (unreachable) {
    console.warn('Convenor could not be reached: ' + unreachable.message);
    return 503;
  }
}

/** The properties, checked. */
function settings_() {
  const properties = PropertiesService.getScriptProperties();
  const url = (properties.getProperty('HOOK_URL') || '').trim();
  const secret = (properties.getProperty('HOOK_SECRET') || '').trim();
  if (!/^https:\/\/.+\/hooks\/google-forms\/[a-z0-9-]+$/.test(url)) {
    throw new Error('Set the script property HOOK_URL to https://…/hooks/google-forms/CONFERENCE');
  }
  if (!/^whsec_[A-Za-z0-9+/]{32,}=*$/.test(secret)) {
    throw new Error('Set the script property HOOK_SECRET to the secret that you were given: whsec_…');
  }
  return {url: url, key: Utilities.base64Decode(secret.slice('whsec_'.length))};
}

function explained_(code) {
  const reasons = {
    401: 'HOOK_SECRET is not the secret that Convenor has',
    404: 'the conference at the end of HOOK_URL is not known to Convenor',
  };
  const reason = reasons[code] || 'HOOK_URL does not lead to Convenor, or something on the way refuses';
  return 'Convenor answered ' + code + ': ' + reason + '. All responses are kept and will be sent again.';
}
