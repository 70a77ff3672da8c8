/** The sandbox's JSON API, one function per path. Every failure is an ApiError with a sentence. */

class ApiError extends Error {
  /** `code` is the API's error word; 'offline' where no answer came. */
  constructor(code, message) {
    super(message);
    this.code = code;
  }
}

async function call(method, path, { query = {}, body } = {}) {
  const url = new URL(path, location.origin);
  for (const [key, value] of Object.entries(query)) {
    if (value !== undefined && value !== null) url.searchParams.set(key, value);
  }
  const headers = body === undefined ? {} : { 'Content-Type': 'application/json' };
  const request = { method, headers, body: body === undefined ? undefined : JSON.stringify(body) };
  const response = await fetch(url, request).catch(() => {
    throw new ApiError('offline', 'The sandbox does not answer.');
  });
  return answer(response);
}

async function answer(response) {
  const data = await response.json().catch(() => ({}));
  if (!response.ok) {
    throw new ApiError(data.error ?? String(response.status), data.message ?? response.statusText);
  }
  return data;
}

const get = (path, query) => call('GET', path, { query });
const post = (path, body) => call('POST', path, { body });

export const users = () => get('/person/users');
export const commands = (as) => get('/person/commands', { as });
export const channels = (as) => get('/person/channels', { as });
export const messages = (as, channel, more) => get('/person/messages', { as, channel, ...more });
export const view = (as) => get('/person/view', { as });
/** Opening Home tells the app; peeking only looks. */
export const openHome = (as) => get('/person/home', { as });
export const peekHome = (as) => get('/person/home', { as, peek: '1' });
export const say = (body) => post('/person/message', body);
export const command = (body) => post('/person/command', body);
export const action = (body) => post('/person/action', body);
export const suggest = (body) => post('/person/suggest', body);
export const submitView = (body) => post('/person/view/submit', body);
export const viewAction = (body) => post('/person/view/action', body);
export const closeView = (body) => post('/person/view/close', body);
export const clock = () => get('/clock');
export const advanceClock = (seconds) => post('/clock', { advance_s: seconds });
export const calls = () => get('/calls');
export const effects = () => get('/effects');
