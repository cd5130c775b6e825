import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { get } from 'node:http';
import type { IncomingMessage } from 'node:http';
import os from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { normalizeBase, serveSite } from '../../tools/static-server.mjs';

type Server = Awaited<ReturnType<typeof serveSite>>;

const folder = mkdtempSync(path.join(os.tmpdir(), 'site-'));
const root = path.join(folder, 'dist');
const script = `export const text = '${'water '.repeat(500)}';\n`;

let atRoot: Server;
let atSubPath: Server;

beforeAll(async () => {
  mkdirSync(path.join(root, 'lessons', 'one'), { recursive: true });
  mkdirSync(path.join(root, '_astro'));
  writeFileSync(path.join(root, 'index.html'), '<h1>home</h1>');
  writeFileSync(path.join(root, '404.html'), '<h1>lost</h1>');
  writeFileSync(path.join(root, 'lessons', 'one', 'index.html'), '<h1>one</h1>');
  writeFileSync(path.join(root, '_astro', 'page.js'), script);
  writeFileSync(path.join(root, '.fingerprint'), 'hidden');
  writeFileSync(path.join(folder, 'secret.txt'), 'secret');
  symlinkSync(path.join(folder, 'secret.txt'), path.join(root, 'link.txt'));
  atRoot = await serveSite({ root, port: 0 });
  atSubPath = await serveSite({ root, port: 0, base: '/mill/' });
});

afterAll(async () => {
  await atRoot.close();
  await atSubPath.close();
  rmSync(folder, { recursive: true });
});

/** Sends `path` as it is: fetch() would tidy it up first. */
function request(server: Server, target: string, headers = {}): Promise<IncomingMessage> {
  return new Promise((resolve, reject) => {
    const options = { host: '127.0.0.1', port: server.port, path: target, headers };
    get(options, resolve).on('error', reject);
  });
}

/** The status, and the body or where a redirect leads: `200 <h1>home</h1>`. */
async function answer(server: Server, target: string, headers = {}): Promise<string> {
  const response = await request(server, target, headers);
  let body = '';
  for await (const chunk of response) body += String(chunk);
  return `${response.statusCode} ${response.headers.location ?? body}`.trim();
}

describe('a folder', () => {
  test('is served by its index page', async () => {
    expect(await answer(atRoot, '/')).toBe('200 <h1>home</h1>');
    expect(await answer(atRoot, '/lessons/one/?a=1')).toBe('200 <h1>one</h1>');
  });

  test('without its slash redirects to the one with it, and keeps the query', async () => {
    expect(await answer(atRoot, '/lessons/one?a=1')).toBe('308 /lessons/one/?a=1');
    expect(await answer(atSubPath, '/mill/lessons/one')).toBe('308 /mill/lessons/one/');
    expect(await answer(atSubPath, '/mill')).toBe('308 /mill/');
  });

  test('never redirects to another host', async () => {
    expect(await answer(atRoot, '//lessons/one')).toBe('308 /lessons/one/');
  });
});

describe('what is not part of the site gets the page that says so', () => {
  test.each([
    '/none/',
    '/none.js',
    '/index.html/',
    '/lessons/',
    '/.fingerprint',
    '/link.txt',
    '/secret.txt',
  ])('%s', async (target) => {
    expect(await answer(atRoot, target)).toBe('404 <h1>lost</h1>');
  });

  test('outside the base', async () => {
    expect(await answer(atSubPath, '/')).toBe('404 <h1>lost</h1>');
    expect(await answer(atSubPath, '/millrace/')).toBe('404 <h1>lost</h1>');
  });
});

describe('an address that tries to leave the folder is refused', () => {
  test.each([
    '/../secret.txt',
    '/lessons/../../secret.txt',
    '/%2e%2e/secret.txt',
    '/..%2fsecret.txt',
    '/..%5csecret.txt',
    '/index.html%00.txt',
    '/%E0%A4%A',
  ])('%s', async (target) => {
    expect(await answer(atRoot, target)).toMatch(/^400 /);
  });
});

describe('a file', () => {
  test('has its type, and is compressed as the browser asks', async () => {
    const encodings: unknown[] = [];
    for (const accepted of ['br, gzip', 'gzip', 'br;q=0, gzip;q=0.5', 'identity']) {
      const headers = { 'accept-encoding': accepted };
      const response = await request(atRoot, '/_astro/page.js', headers);
      response.resume();
      expect(response.headers['content-type']).toBe('text/javascript; charset=utf-8');
      encodings.push(response.headers['content-encoding']);
    }
    expect(encodings).toEqual(['br', 'gzip', 'gzip', undefined]);
  });

  test('arrives whole when compressed', async () => {
    const response = await fetch(`http://127.0.0.1:${atRoot.port}/_astro/page.js`);
    expect(response.headers.get('content-encoding')).not.toBeNull();
    expect(await response.text()).toBe(script);
  });

  test('is not sent again when the browser has it', async () => {
    const first = await request(atRoot, '/');
    first.resume();
    const headers = { 'if-none-match': first.headers.etag };
    expect(await answer(atRoot, '/', headers)).toBe('304');
    expect(await answer(atRoot, '/', { 'if-none-match': '"older"' })).toBe('200 <h1>home</h1>');
  });

  test('is sent anew after it changed', async () => {
    const file = path.join(root, 'changing.txt');
    writeFileSync(file, 'before');
    expect(await answer(atRoot, '/changing.txt')).toBe('200 before');
    writeFileSync(file, 'after it');
    expect(await answer(atRoot, '/changing.txt')).toBe('200 after it');
  });
});

test('only reading is allowed', async () => {
  const response = await fetch(`http://127.0.0.1:${atRoot.port}/`, { method: 'POST' });
  expect(response.status).toBe(405);
});

test('a busy port gives way to the next free one, unless it was asked for', async () => {
  const next = await serveSite({ root, port: atRoot.port });
  expect(next.port).toBeGreaterThan(atRoot.port);
  await next.close();
  await expect(serveSite({ root, port: atRoot.port, isPortFixed: true })).rejects.toThrow(
    'EADDRINUSE',
  );
});

test('a base may be written in any way', () => {
  expect(['', '/', 'a', '/a', 'a/b/', '/a/b/'].map(normalizeBase)).toEqual([
    ...['/', '/', '/a/', '/a/', '/a/b/', '/a/b/'],
  ]);
});
