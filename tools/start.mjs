// `npm start`: installs what is missing, builds what changed, serves the site. Node 20 or newer.
import { buildSite } from './build.mjs';
import { ensureInstalled } from './install.mjs';
import { normalizeBase, closeOnSignal, serveSite } from './static-server.mjs';

const DEFAULT_PORT = 4321;

function readPort() {
  const at = process.argv.indexOf('--port');
  const text = at < 0 ? (process.env.PORT ?? String(DEFAULT_PORT)) : (process.argv[at + 1] ?? '');
  const port = Number(text);
  if (/^\d+$/.test(text) && port > 0 && port <= 65_535) return port;
  console.error(`--port must be a number from 1 to 65535: got ${JSON.stringify(text)}`);
  process.exit(1);
}

const port = readPort();
await ensureInstalled();
const { isOk, output } = await buildSite({ isQuiet: true, isSkippedWhenFresh: true });
if (!isOk) {
  console.error(`${output}The site could not be built; see above.`);
  process.exit(1);
}
const base = normalizeBase(process.env.BASE_PATH ?? '/');
const server = await serveSite({ root: 'dist', base, port });
if (server.port !== port) console.log(`Port ${port} is busy.`);
console.log(`Millrace runs at ${server.url}  (Ctrl-C ends it)`);
closeOnSignal(server.close);
