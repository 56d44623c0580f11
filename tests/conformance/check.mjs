// A few lines instead of a test framework: each check prints one line, a failed one fails the suite.
import assert from 'node:assert/strict';

let failed = 0;

export async function check(name, body) {
  let timer;
  const late = new Promise((_, reject) => (timer = setTimeout(() => reject(new Error('no answer within 10 s')), 10_000)));
  try {
    await Promise.race([body(), late]);
    console.log(`  ok    ${name}`);
  } catch (error) {
    failed += 1;
    console.log(`  FAIL  ${name}\n        ${String(error?.stack ?? error).replaceAll('\n', '\n        ')}`);
  } finally {
    clearTimeout(timer);
  }
}

export function title(text) {
  console.log(`\n${text}`);
}

export function done() {
  process.exit(failed ? 1 : 0);
}

export { assert };
