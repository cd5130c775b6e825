// Serves a built site as any static host would: `node tools/static-server.mjs --root dist
// [--port 4321] [--base /millrace/]`. Needs nothing installed.
import { createHash } from 'node:crypto';
import { readFile, realpath, stat } from 'node:fs/promises';
import { createServer } from 'node:http';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { brotliCompressSync, constants, gzipSync } from 'node:zlib';

const PORT_ATTEMPTS_MAX = 50;
const COMPRESSED_BYTES_MIN = 1024;
const BROTLI_QUALITY = 5;

const TYPES = {
  '.bin': 'application/octet-stream',
  '.css': 'text/css; charset=utf-8',
  '.csv': 'text/csv; charset=utf-8',
  '.html': 'text/html; charset=utf-8',
  '.ico': 'image/x-icon',
  '.jpg': 'image/jpeg',
  '.js': 'text/javascript; charset=utf-8',
  '.json': 'application/json; charset=utf-8',
  '.map': 'application/json; charset=utf-8',
  '.md': 'text/markdown; charset=utf-8',
  '.mjs': 'text/javascript; charset=utf-8',
  '.png': 'image/png',
  '.svg': 'image/svg+xml; charset=utf-8',
  '.ttf': 'font/ttf',
  '.txt': 'text/plain; charset=utf-8',
  '.wasm': 'application/wasm',
  '.webmanifest': 'application/manifest+json; charset=utf-8',
  '.webp': 'image/webp',
  '.woff2': 'font/woff2',
  '.xml': 'application/xml; charset=utf-8',
};
const COMPRESSIBLE =
  /^(text\/|application\/(json|javascript|wasm|xml|manifest|octet)|image\/svg|font\/ttf)/;

/** `/a/b/` for whatever way a base was written: `a/b`, `/a/b`, `a/b/`. */
export function normalizeBase(base) {
  const inner = base.split('/').filter(Boolean).join('/');
  return inner === '' ? '/' : `/${inner}/`;
}

/**
 * What a request asks for: `{ type: 'file', path }` with a path relative to the site's root,
 * `{ type: 'redirect', location }`, or `{ type: 'error', status }`.
 */
export function readTarget(url, base) {
  const [rawPath, query] = url.split(/\?(.*)/s);
  let decoded;
  try {
    decoded = decodeURIComponent(rawPath);
  } catch {
    return { type: 'error', status: 400 };
  }
  if (decoded.includes('\0') || decoded.includes('\\')) return { type: 'error', status: 400 };
  const suffix = query === undefined ? '' : `?${query}`;
  if (`${decoded}/` === base) return { type: 'redirect', location: base + suffix };
  if (!decoded.startsWith(base)) return { type: 'error', status: 404 };
  const segments = decoded.slice(base.length).split('/');
  if (segments.includes('..')) return { type: 'error', status: 400 };
  // A leading dot is never part of the site; `.well-known` would be, but this site has none.
  if (segments.some((segment) => segment.startsWith('.'))) return { type: 'error', status: 404 };
  return { type: 'file', path: segments.filter(Boolean).join('/'), isFolder: /\/$/.test(decoded) };
}

async function statOrUndefined(file) {
  return stat(file).catch(() => undefined);
}

function encodingFor(request, type, bytes) {
  if (bytes.length < COMPRESSED_BYTES_MIN || !COMPRESSIBLE.test(type)) return 'identity';
  const accepted = String(request.headers['accept-encoding'] ?? '').split(',');
  const names = accepted
    .map((entry) => entry.trim().split(/\s*;\s*q=/))
    .filter(([, weight]) => weight === undefined || Number(weight) > 0)
    .map(([name]) => name);
  if (names.includes('br')) return 'br';
  return names.includes('gzip') ? 'gzip' : 'identity';
}

function compress(bytes, encoding) {
  if (encoding === 'gzip') return gzipSync(bytes);
  if (encoding === 'identity') return bytes;
  const params = { [constants.BROTLI_PARAM_QUALITY]: BROTLI_QUALITY };
  return brotliCompressSync(bytes, { params });
}

/** Reads files of the site, and remembers each with its compressed forms until it changes. */
function createFileCache() {
  const entries = new Map();
  return async function load(file, stats) {
    const version = `${stats.size}-${stats.mtimeMs}`;
    const known = entries.get(file);
    if (known?.version === version) return known;
    const bytes = await readFile(file);
    const tag = createHash('sha256').update(bytes).digest('hex').slice(0, 20);
    const entry = { version, tag, bytes, compressed: new Map([['identity', bytes]]) };
    entries.set(file, entry);
    return entry;
  };
}

function sendText(response, status, text, headers = {}) {
  const type = 'text/plain; charset=utf-8';
  response.writeHead(status, { 'Content-Type': type, ...headers }).end(`${text}\n`);
}

async function sendFile({ request, response, load, file, stats, status }) {
  const entry = await load(file, stats);
  const type = TYPES[path.extname(file).toLowerCase()] ?? 'application/octet-stream';
  const encoding = encodingFor(request, type, entry.bytes);
  if (!entry.compressed.has(encoding)) {
    entry.compressed.set(encoding, compress(entry.bytes, encoding));
  }
  const body = entry.compressed.get(encoding);
  const isHashed = file.includes(`${path.sep}_astro${path.sep}`);
  const headers = {
    'Content-Type': type,
    'Cache-Control': isHashed ? 'public, max-age=31536000, immutable' : 'no-cache',
    ETag: `"${entry.tag}-${encoding}"`,
    Vary: 'Accept-Encoding',
    'X-Content-Type-Options': 'nosniff',
  };
  const known = String(request.headers['if-none-match'] ?? '').split(/\s*,\s*/);
  if (status === 200 && known.some((tag) => tag.replace(/^W\//, '') === headers.ETag)) {
    response.writeHead(304, headers).end();
    return;
  }
  headers['Content-Length'] = body.length;
  if (encoding !== 'identity') headers['Content-Encoding'] = encoding;
  response.writeHead(status, headers).end(request.method === 'HEAD' ? undefined : body);
}

/** A request listener that serves the folder `root` under `base`. */
export function createSiteHandler({ root, base = '/' }) {
  const siteRoot = path.resolve(root);
  const siteBase = normalizeBase(base);
  const load = createFileCache();

  async function sendNotFound(request, response) {
    const file = path.join(siteRoot, '404.html');
    const stats = await statOrUndefined(file);
    if (stats === undefined) sendText(response, 404, `Not found. This site is at ${siteBase}`);
    else await sendFile({ request, response, load, file, stats, status: 404 });
  }

  async function handle(request, response) {
    if (request.method !== 'GET' && request.method !== 'HEAD') {
      sendText(response, 405, 'Only GET and HEAD are served here.', { Allow: 'GET, HEAD' });
      return;
    }
    const target = readTarget(request.url ?? '/', siteBase);
    if (target.type === 'redirect') {
      response.writeHead(308, { Location: target.location }).end();
      return;
    }
    if (target.type === 'error' && target.status !== 404) {
      sendText(response, target.status, 'This address can’t be read.');
      return;
    }
    if (target.type === 'error') return sendNotFound(request, response);
    let file = path.join(siteRoot, target.path);
    let stats = await statOrUndefined(file);
    if (stats?.isDirectory() && !target.isFolder) {
      const query = (request.url ?? '').split(/\?(.*)/s)[1];
      const folder = siteBase + encodeURI(target.path);
      const location = `${folder}/${query === undefined ? '' : `?${query}`}`;
      response.writeHead(308, { Location: location }).end();
      return;
    }
    if (stats?.isDirectory()) {
      file = path.join(file, 'index.html');
      stats = await statOrUndefined(file);
    } else if (target.isFolder) stats = undefined;
    if (!stats?.isFile()) return sendNotFound(request, response);
    // A link inside the folder may point out of it; what it points to is not part of the site.
    const actual = await realpath(file);
    if (!actual.startsWith((await realpath(siteRoot)) + path.sep)) {
      return sendNotFound(request, response);
    }
    await sendFile({ request, response, load, file, stats, status: 200 });
  }

  return (request, response) => {
    handle(request, response).catch((error) => {
      if (response.headersSent) response.destroy();
      else sendText(response, 500, `Could not serve this file: ${error.message}`);
    });
  };
}

function listen(server, port, host) {
  return new Promise((resolve, reject) => {
    server.once('error', reject);
    server.listen(port, host, () => {
      server.off('error', reject);
      resolve(server.address().port);
    });
  });
}

async function closeAll(servers) {
  for (const server of servers) {
    server.closeAllConnections();
    await new Promise((resolve) => server.close(resolve));
  }
}

async function listenOnAll(handler, port, hosts) {
  const servers = [];
  try {
    for (const host of hosts) {
      const server = createServer(handler);
      const isFirst = servers.length === 0;
      try {
        port = await listen(server, port, host);
        servers.push(server);
      } catch (error) {
        // A machine without IPv6 has no ::1, and is served well without it.
        if (isFirst || !['EADDRNOTAVAIL', 'EAFNOSUPPORT'].includes(error.code)) throw error;
      }
    }
  } catch (error) {
    await closeAll(servers);
    throw error;
  }
  return { port, close: () => closeAll(servers) };
}

/**
 * Serves `root` on this machine only and resolves to `{ url, port, close }`. A busy port gives
 * way to the next free one, unless `isPortFixed`; port 0 takes any.
 */
export async function serveSite({ root, base = '/', port = 4321, isPortFixed = false }) {
  const handler = createSiteHandler({ root, base });
  // `localhost` may mean either address: hold the port on both, or another server answers.
  const hosts = process.env.HOST ? [process.env.HOST] : ['127.0.0.1', '::1'];
  for (let attempt = 0; ; attempt++) {
    try {
      const wanted = port === 0 ? 0 : port + attempt;
      const { port: taken, close } = await listenOnAll(handler, wanted, hosts);
      return { url: `http://localhost:${taken}${normalizeBase(base)}`, port: taken, close };
    } catch (error) {
      const isBusy = error.code === 'EADDRINUSE' && !isPortFixed;
      if (!isBusy || attempt >= PORT_ATTEMPTS_MAX) throw error;
    }
  }
}

function readFlag(name, fallback) {
  const at = process.argv.indexOf(`--${name}`);
  return at < 0 ? fallback : process.argv[at + 1];
}

/** Closes the server on Ctrl-C and on a polite kill, and ends with exit code 0. */
export function closeOnSignal(close) {
  for (const signal of ['SIGINT', 'SIGTERM']) {
    process.once(signal, () => void close().then(() => process.exit(0)));
  }
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const port = readFlag('port', undefined);
  const server = await serveSite({
    root: readFlag('root', 'dist'),
    base: readFlag('base', '/'),
    port: Number(port ?? 4321),
    isPortFixed: port !== undefined,
  });
  console.log(`Serving ${server.url}`);
  closeOnSignal(server.close);
}
