// Ask by a client for JavaScript: `node clients.mjs CLIENT FOLDER ENDPOINT KIND`, the query on stdin,
// rows as JSON on stdout. FOLDER has the node_modules.
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { pathToFileURL } from 'node:url';

const [client, folder, endpoint, kind] = process.argv.slice(2);
const query = readFileSync(0, 'utf8');
const { resolve } = createRequire(`${folder}/package.json`);
const load = name => import(pathToFileURL(resolve(name)));
const version = name => JSON.parse(readFileSync(`${folder}/node_modules/${name}/package.json`)).version;
const triple = quad => [quad.subject.value, quad.predicate.value, quad.object.value];

async function all(stream) {
  const found = [];
  for await (const one of stream) found.push(one);
  return found;
}

const ASK = {
  async '@comunica/query-sparql'(module) {
    const engine = new module.QueryEngine();
    const context = { sources: [endpoint] };  // it finds out by itself that this is an endpoint
    if (kind === 'boolean') return [[String(await engine.queryBoolean(query, context))]];
    if (kind === 'graph') return (await all(await engine.queryQuads(query, context))).map(triple);
    const result = await engine.query(query, context);
    const names = (await result.metadata()).variables.map(one => (one.variable ?? one).value);
    return (await all(await result.execute())).map(row => names.map(name => row.get(name).value));
  },
  async 'sparql-http-client'({ default: Client }) {
    const asked = new Client({ endpointUrl: endpoint }).query;
    const options = query.length > 8000 ? { operation: 'postDirect' } : {};
    if (kind === 'boolean') return [[String(await asked.ask(query, options))]];
    if (kind === 'graph') return (await all(asked.construct(query, options))).map(triple);
    return (await all(asked.select(query, options))).map(row => Object.values(row).map(term => term.value));
  },
};
ASK['fetch-sparql-endpoint'] = async ({ SparqlEndpointFetcher }) => {
  const fetcher = new SparqlEndpointFetcher({ method: query.length > 8000 ? 'POST' : 'GET' });
  if (kind === 'boolean') return [[String(await fetcher.fetchAsk(endpoint, query))]];
  if (kind === 'graph') return (await all(await fetcher.fetchTriples(endpoint, query))).map(triple);
  return (await all(await fetcher.fetchBindings(endpoint, query)))
    .map(row => Object.values(row).map(term => term.value));
};

const rows = await ASK[client](await load(client));
process.stdout.write(JSON.stringify({ version: version(client), rows }));
