// The schema as a reader walks through it: from type to type, or by search.
import { named, written } from './introspection.js';

function make(tag, text = '', className = '') {
  const element = document.createElement(tag);
  element.textContent = text;
  if (className) element.className = className;
  return element;
}

export function showSchema(schema, place, search) {
  const go = (name) => {
    search.value = '';
    const type = schema.types.get(name);
    place.replaceChildren(link('‹ all types', showAll), make('h3', `${type.kind.toLowerCase()} ${name}`), make('p', type.description ?? ''), members(type));
  };
  const link = (text, action) => {
    const button = make('button', text);
    button.type = 'button';
    button.addEventListener('click', action);
    return button;
  };
  const typeLink = (type) => link(written(type), () => go(named(type)));

  function members(type) {
    const list = make('dl');
    for (const field of type.fields ?? type.inputFields ?? []) list.append(...describe(field));
    for (const value of type.enumValues ?? []) list.append(make('dt', value.name, value.isDeprecated ? 'gone' : ''), explain(value));
    for (const possible of type.possibleTypes ?? []) {
      const item = make('dt');
      item.append(link(possible.name, () => go(possible.name)));
      list.append(item);
    }
    return list;
  }

  function describe(field) {
    const item = make('dt', '', field.isDeprecated ? 'gone' : '');
    item.append(field.name);
    if (field.args?.length) {
      item.append('(');
      field.args.forEach((argument, place) => item.append(place ? ', ' : '', `${argument.name}: `, typeLink(argument.type)));
      item.append(')');
    }
    item.append(': ', typeLink(field.type), field.defaultValue ? ` = ${field.defaultValue}` : '');
    return [item, explain(field)];
  }

  function explain(member) {
    return make('dd', [member.description, member.isDeprecated && `Deprecated: ${member.deprecationReason}`].filter(Boolean).join(' '));
  }

  function showAll() {
    const wanted = search.value.trim().toLowerCase();
    const roots = Object.values(schema.roots).filter(Boolean);
    const names = [...roots, ...[...schema.types.keys()].filter((name) => !roots.includes(name)).sort()];
    const list = make('dl');
    for (const name of names) {
      const type = schema.types.get(name);
      const hits = wanted ? (type.fields ?? []).filter((field) => field.name.toLowerCase().includes(wanted)) : [];
      if (wanted && !hits.length && !name.toLowerCase().includes(wanted)) continue;
      const item = make('dt');
      item.append(link(name, () => go(name)));
      list.append(item, ...hits.map((field) => make('dd', `.${field.name}: ${written(field.type)}`)));
    }
    place.replaceChildren(list);
  }

  search.addEventListener('input', showAll);
  showAll();
}
