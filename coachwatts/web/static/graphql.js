// Runs the documents that the server ships with, by their hash.
import documents from "./documents.js";

export class Failed extends Error {
  constructor(errors) {
    super(errors[0].message);
    this.errors = errors;
  }
}

async function send(name, variables) {
  const response = await fetch("/graphql", {
    method: "POST",
    credentials: "same-origin",
    headers: { "content-type": "application/json", accept: "application/graphql-response+json", "graphql-require-preflight": "1" },
    body: JSON.stringify({ documentId: `sha256:${documents[name]}`, operationName: name, variables }),
  });
  return response.json();
}

/** The data of a document. Throws Failed with errors in the shape of a payload's. */
export async function run(name, variables = {}) {
  let answer;
  try {
    answer = await send(name, variables);
  } catch {
    throw new Failed([{ code: "UNAVAILABLE", field: [], message: "The server cannot be reached. Check your connection and try again." }]);
  }
  if (answer.errors) {
    throw new Failed(answer.errors.map((error) => ({ code: error.extensions?.code, field: [], message: error.message })));
  }
  return answer.data;
}

/** The payload of a document with one mutation. Throws Failed when it carries errors. */
export async function mutate(name, input) {
  const data = await run(name, input === undefined ? {} : { input });
  const payload = Object.values(data)[0];
  if (payload.errors.length) throw new Failed(payload.errors);
  return payload;
}
