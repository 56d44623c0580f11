// Sends one request; an answer that is an event stream arrives event by event.
const ACCEPT = 'application/graphql-response+json, application/json;q=0.9, text/event-stream;q=0.8';

export async function send(request, headers, signal, onBody) {
  const response = await fetch('/graphql', {
    method: 'POST',
    headers: { 'content-type': 'application/json', accept: ACCEPT, ...headers },
    body: JSON.stringify(request),
    signal,
  });
  if (response.headers.get('content-type')?.startsWith('text/event-stream')) await readEvents(response.body, onBody);
  else onBody(await response.json());
  return response.status;
}

async function readEvents(stream, onBody) {
  const reader = stream.pipeThrough(new TextDecoderStream()).getReader();
  let rest = '';
  for (;;) {
    const { value, done } = await reader.read();
    if (done) return;
    const frames = (rest + value).split('\n\n');
    rest = frames.pop();
    for (const frame of frames) {
      const data = frame.split('\n').find((line) => line.startsWith('data: '));
      if (data) onBody(JSON.parse(data.slice('data: '.length)));
    }
  }
}
