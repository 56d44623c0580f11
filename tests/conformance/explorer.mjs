// The API explorer in a document of jsdom: it loads the schema, completes, runs, streams.
import { readFileSync } from 'node:fs';
import { JSDOM } from 'jsdom';
import { assert, check, done, title } from './check.mjs';

const files = new URL('../../coachwatts/api/explorer/files/', import.meta.url);
const endpoint = process.env.SCRATCH;
const { window } = new JSDOM(readFileSync(new URL('explorer.html', files), 'utf8').replace(/<script.*<\/script>/, ''), { url: endpoint });
const ask = globalThis.fetch;
Object.assign(globalThis, {
  window,
  document: window.document,
  localStorage: window.localStorage,
  Option: window.Option,
  Event: window.Event,
  fetch: (address, options) => ask(new URL(address, endpoint), options),
});
window.Element.prototype.scrollIntoView = () => {};

const $ = (id) => document.getElementById(id);
const until = async (condition) => {
  while (!condition()) await new Promise((resolve) => setTimeout(resolve, 10));
};
const write = (id, text) => {
  $(id).value = text;
  $(id).selectionStart = $(id).selectionEnd = text.length;
  $(id).dispatchEvent(new Event('input', { bubbles: true }));
};
const press = (key, more = {}) => $('query').dispatchEvent(new window.KeyboardEvent('keydown', { key, bubbles: true, cancelable: true, ...more }));
const run = async (query, variables = '') => {
  write('query', query);
  write('variables', variables);
  $('run').click();
  await until(() => $('response').textContent);
  return JSON.parse($('response').textContent.split('\n\n{')[0]);
};

title('API explorer');
await import(new URL('explorer.js', files));
await check('shows the schema', async () => {
  await until(() => $('schema').textContent.includes('RideConnection'));
  $('search').value = 'title';
  $('search').dispatchEvent(new Event('input'));
  assert.match($('schema').textContent, /Ride\.title: String!/);
  [...$('schema').querySelectorAll('button')].find((button) => button.textContent === 'Ride').click();
  assert.match($('schema').textContent, /object Ride.*id: ID!.*title: String!/s);
});
await check('lists the trusted documents', () => until(() => $('documents').options.length > 1));
await check('runs a query with variables', async () => {
  assert.deepEqual((await run('query ($f: Int!) { scale(factor: $f) }', '{"f": 3}')).data, { scale: 3 });
  assert.match($('status').textContent, /\d+ ms · 1 points, \d+ left/);
});
await check('shows errors', async () => {
  assert.equal((await run('{ nothing }')).errors[0].extensions.code, 'GRAPHQL_VALIDATION_FAILED');
  write('variables', '{');
  $('run').click();
  assert.match($('status').textContent, /not JSON/);
});
await check('asks which operation', async () => {
  write('query', 'query A { hello } query B { item { id } }');
  assert.deepEqual([...$('operations').options].map((option) => option.value), ['A', 'B']);
  $('operations').value = 'B';
  write('variables', '');
  press('Enter', { ctrlKey: true });
  await until(() => $('response').textContent.includes('item'));
});
await check('streams a subscription, newest first', async () => {
  await run('subscription { ticks(count: 3) }');
  await until(() => $('response').textContent.includes('"ticks": 2'));
  await until(() => $('stop').hidden);
  assert.ok($('response').textContent.indexOf('"ticks": 2') < $('response').textContent.indexOf('"ticks": 0'));
});
await check('completes fields, arguments and types', async () => {
  const offered = (text) => {
    write('query', text);
    press(' ', { ctrlKey: true });
    return [...$('completions').children].map((item) => item.textContent.split(' ')[0].replace(':', ''));
  };
  assert.deepEqual(offered('{ item { na'), ['name']);
  assert.deepEqual(offered('{ rides(first: 3, after: "{") { edges { node { ti'), ['title']);
  assert.deepEqual(offered('mutation { si'), ['signIn']);
  assert.deepEqual(offered('{ rides(fi'), ['first']);
  assert.deepEqual(offered('fragment f on Rid'), ['Ride', 'RideConnection', 'RideEdge']);
  assert.deepEqual(offered('{ hello item { id } ha'), []);
  offered('{ hel');
  press('Tab');
  assert.equal($('query').value, '{ hello');
});
await check('never stores headers', () => {
  write('headers', 'Authorization: Bearer secret');
  assert.ok(!JSON.stringify({ ...localStorage }).includes('secret'));
});
done();
