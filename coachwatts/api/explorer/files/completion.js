// Which fields, arguments or types can stand at the cursor. Reads only as much of the language as that needs.
import { named, written } from './introspection.js';

const TOKEN = /#[^\n]*|"""[^]*?"""|"(?:\\.|[^"\\])*"|\.\.\.|[{}()@:$!=[\]|]|[_A-Za-z]\w*|[^\s]/g;

export function candidatesAt(schema, text) {
  const typed = /[_A-Za-z]\w*$/.exec(text)?.[0] ?? '';
  const tokens = (text.slice(0, text.length - typed.length).match(TOKEN) ?? []).filter((token) => !/^[#"]/.test(token));
  const stack = [];
  let opens = schema.roots.query; // the type that the next brace opens
  let field = null;
  let depth = 0;
  for (const [place, token] of tokens.entries()) {
    const parent = schema.types.get(stack.at(-1));
    if (token === '(') depth += 1;
    else if (token === ')') depth -= 1;
    else if (depth) continue;
    else if (token === '{') stack.push(opens);
    else if (token === '}') stack.pop();
    else if (token === '...') opens = stack.at(-1);
    else if (tokens[place - 1] === 'on') opens = token;
    else if (!stack.length && schema.roots[token]) opens = schema.roots[token];
    else if (parent?.fields && tokens[place - 1] !== '@' && tokens[place - 1] !== '...') {
      field = parent.fields.find((candidate) => candidate.name === token) ?? field;
      if (field) opens = named(field.type);
    }
  }
  const found = depth ? (field?.args ?? []).map((argument) => [`${argument.name}: `, written(argument.type)]) : fieldsOf(schema, stack.at(-1), tokens.at(-1));
  return { typed, found: found.filter(([name]) => name.toLowerCase().startsWith(typed.toLowerCase())).slice(0, 60) };
}

function fieldsOf(schema, name, before) {
  if (before === 'on') return [...schema.types.values()].filter((type) => type.fields).map((type) => [type.name, type.kind.toLowerCase()]).sort();
  return (schema.types.get(name)?.fields ?? []).map((field) => [field.name, written(field.type)]);
}

export function attachCompletion(schema, area, list) {
  let state = { typed: '', found: [] };
  let chosen = 0;

  const close = () => (list.hidden = true);
  const open = () => {
    state = candidatesAt(schema, area.value.slice(0, area.selectionStart));
    chosen = 0;
    list.hidden = !state.found.length;
    draw();
  };
  const draw = () =>
    list.replaceChildren(
      ...state.found.map(([name, type], place) => {
        const item = document.createElement('li');
        item.role = 'option';
        item.ariaSelected = String(place === chosen);
        item.textContent = `${name}  ${type}`;
        item.addEventListener('mousedown', (event) => {
          event.preventDefault();
          accept(place);
        });
        return item;
      }),
    );
  const accept = (place) => {
    area.setRangeText(state.found[place][0], area.selectionStart - state.typed.length, area.selectionStart, 'end');
    area.dispatchEvent(new Event('input'));
    close();
  };
  const move = (step) => {
    chosen = (chosen + step + state.found.length) % state.found.length;
    draw();
    list.children[chosen].scrollIntoView({ block: 'nearest' });
  };
  const keys = { ArrowDown: () => move(1), ArrowUp: () => move(-1), Enter: () => accept(chosen), Tab: () => accept(chosen), Escape: close };

  area.addEventListener('keydown', (event) => {
    if (event.key === ' ' && event.ctrlKey) open();
    else if (!list.hidden && keys[event.key] && !event.ctrlKey) keys[event.key]();
    else return;
    event.preventDefault();
  });
  area.addEventListener('input', () => {
    if (!list.hidden) open();
  });
  area.addEventListener('blur', close);
}
