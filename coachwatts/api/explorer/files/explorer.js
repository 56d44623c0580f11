// The API explorer: writes requests, runs them, shows what comes. No library, nothing from elsewhere.
import { attachCompletion } from './completion.js';
import { loadSchema } from './introspection.js';
import { showSchema } from './schema.js';
import { send } from './transport.js';

const $ = (id) => document.getElementById(id);
const WELCOME = '# Ctrl+Enter runs, Ctrl+Space completes\nquery Viewer {\n  viewer {\n    id\n    name\n  }\n}\n';
const REMEMBERED = ['query', 'variables']; // never the headers: they carry credentials

let running = null;

function remember() {
  for (const id of REMEMBERED) localStorage.setItem(`explorer.${id}`, $(id).value);
}

function operationsIn(text) {
  const bare = text.replace(/#.*/g, '').replace(/"(?:\\.|[^"\\])*"/g, '""');
  return [...bare.matchAll(/\b(query|mutation|subscription)\s+(\w+)/g)].map(([, , name]) => name);
}

function listOperations() {
  const chosen = $('operations').value;
  const names = operationsIn($('query').value);
  $('operations').replaceChildren(...names.map((name) => new Option(name, name, false, name === chosen)));
  $('operations').parentElement.hidden = names.length < 2;
}

function readHeaders() {
  const lines = $('headers').value.split('\n').filter((line) => line.includes(':'));
  return Object.fromEntries(lines.map((line) => [line.slice(0, line.indexOf(':')).trim(), line.slice(line.indexOf(':') + 1).trim()]));
}

function say(text, bad = false) {
  $('status').textContent = text;
  $('status').classList.toggle('bad', bad);
}

function readRequest() {
  const names = operationsIn($('query').value);
  const request = { query: $('query').value };
  if ($('variables').value.trim()) request.variables = JSON.parse($('variables').value);
  if (names.length > 1) request.operationName = $('operations').value;
  return request;
}

async function run() {
  running?.abort();
  let request;
  try {
    request = readRequest();
  } catch (error) {
    say(`The variables are not JSON: ${error.message}`, true);
    return;
  }
  const mine = (running = new AbortController());
  const started = performance.now();
  let events = 0;
  $('response').textContent = '';
  $('stop').hidden = false;
  say('Running …');
  try {
    const status = await send(request, readHeaders(), mine.signal, (body) => {
      events += 1;
      const text = JSON.stringify(body, null, 2);
      $('response').textContent = events === 1 ? text : `${text}\n\n${$('response').textContent}`.slice(0, 200_000);
      const cost = body.extensions?.cost;
      say(`${Math.round(performance.now() - started)} ms${cost ? ` · ${cost.actual ?? cost.requested} points, ${cost.remaining} left` : ''}`, Boolean(body.errors));
    });
    if (status >= 400) say(`${$('status').textContent} · HTTP ${status}`, true);
  } catch (error) {
    if (!mine.signal.aborted) say(`No answer: ${error.message}`, true);
  } finally {
    if (running === mine) $('stop').hidden = true;
  }
}

function onKey(event) {
  if (event.key === 'Enter' && (event.ctrlKey || event.metaKey)) {
    event.preventDefault();
    run();
  }
}

async function listDocuments() {
  const documents = await (await fetch('/explorer/documents.json')).json();
  $('documents').append(...documents.map(({ name, text }) => new Option(name, text)));
  $('documents').addEventListener('change', (event) => {
    if (!event.target.value) return;
    $('query').value = event.target.value;
    $('query').dispatchEvent(new Event('input'));
  });
}

$('query').value = localStorage.getItem('explorer.query') ?? WELCOME;
$('variables').value = localStorage.getItem('explorer.variables') ?? '';
$('query').addEventListener('input', listOperations);
for (const id of REMEMBERED) $(id).addEventListener('input', remember);
document.addEventListener('keydown', onKey);
$('run').addEventListener('click', run);
$('stop').addEventListener('click', () => {
  running?.abort();
  $('stop').hidden = true;
  say('Stopped');
});
listOperations();
listDocuments();
loadSchema()
  .then((schema) => {
    showSchema(schema, $('schema'), $('search'));
    attachCompletion(schema, $('query'), $('completions'));
  })
  .catch((error) => say(`The schema could not be read: ${error.message}`, true));
