/** Live updates: the sandbox's event stream, and polling each second while there is none. */

const POLL_MS = 1000;
const RETRY_MS = 2000;

/**
 * Listen as this person until the returned function is called. `onChange({kind, ...})` gets what the
 * sandbox sends (message, view, home), connected after every gap, and poll while there is no stream.
 */
export function listen(as, onChange) {
  let source = null;
  let poll = null;
  let retry = null;

  function connect() {
    source = new EventSource(`/person/events?as=${encodeURIComponent(as)}`);
    source.addEventListener('open', opened);
    source.addEventListener('error', lost);
    source.addEventListener('message', ({ data }) => onChange(JSON.parse(data)));
  }

  function opened() {
    clearInterval(poll);
    poll = null;
    onChange({ kind: 'connected' });
  }

  function lost() {
    poll ??= setInterval(() => onChange({ kind: 'poll' }), POLL_MS);
    if (source.readyState !== EventSource.CLOSED) return;
    clearTimeout(retry);
    retry = setTimeout(connect, RETRY_MS);
  }

  connect();
  return () => {
    source.close();
    clearInterval(poll);
    clearTimeout(retry);
  };
}
