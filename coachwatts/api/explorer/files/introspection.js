// Reads the schema and makes it easy to look things up in.
const TYPE = 'kind name ofType { kind name ofType { kind name ofType { kind name ofType { kind name } } } }';
const INPUT = `name description defaultValue type { ${TYPE} }`;
const QUERY = `query Explorer { __schema {
  queryType { name } mutationType { name } subscriptionType { name }
  types { kind name description enumValues(includeDeprecated: true) { name description isDeprecated deprecationReason }
    inputFields { ${INPUT} } possibleTypes { name }
    fields(includeDeprecated: true) { name description isDeprecated deprecationReason args { ${INPUT} } type { ${TYPE} } } }
} }`;

export async function loadSchema() {
  const response = await fetch('/graphql', {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ query: QUERY }),
  });
  const { data, errors } = await response.json();
  if (!data) throw new Error(errors[0].message);
  const { types, ...roots } = data.__schema;
  const shown = types.filter((type) => !type.name.startsWith('__'));
  return {
    types: new Map(shown.map((type) => [type.name, type])),
    roots: Object.fromEntries(['query', 'mutation', 'subscription'].map((kind) => [kind, roots[`${kind}Type`]?.name])),
  };
}

export function named(type) {
  return type.ofType ? named(type.ofType) : type.name;
}

export function written(type) {
  if (type.kind === 'NON_NULL') return `${written(type.ofType)}!`;
  if (type.kind === 'LIST') return `[${written(type.ofType)}]`;
  return type.name;
}
