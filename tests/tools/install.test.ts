import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { staleReason } from '../../tools/install.mjs';
import { isNodeUsable } from '../../tools/node/own-node.mjs';

let root: string;

beforeEach(() => {
  root = mkdtempSync(path.join(os.tmpdir(), 'install-'));
});

afterEach(() => {
  rmSync(root, { recursive: true });
});

function write(file: string, packages: object): void {
  mkdirSync(path.dirname(path.join(root, file)), { recursive: true });
  writeFileSync(path.join(root, file), JSON.stringify({ packages }));
}

const wanted = {
  '': { name: 'project' },
  'node_modules/a': { version: '1.0.0' },
  'node_modules/only-on-windows': { version: '1.0.0', optional: true },
};

test('installs when nothing is installed', () => {
  write('package-lock.json', wanted);
  expect(staleReason(root)).toBe('nothing is installed yet');
});

test('installs when a package is missing or has another version', () => {
  write('package-lock.json', wanted);
  write('node_modules/.package-lock.json', {});
  expect(staleReason(root)).toBe('a is missing');
  write('node_modules/.package-lock.json', { 'node_modules/a': { version: '0.9.0' } });
  expect(staleReason(root)).toBe('a is 0.9.0, the lockfile says 1.0.0');
});

test('leaves alone what fits, also without the packages of other systems', () => {
  write('package-lock.json', wanted);
  write('node_modules/.package-lock.json', { 'node_modules/a': { version: '1.0.0' } });
  expect(staleReason(root)).toBeUndefined();
});

test('uses the machine’s own Node only if all tools run on it', () => {
  const versions = ['20.20.2', '22.12.0', '22.18.0', '23.11.0', '24.1.0', '25.0.0', '26.0.0'];
  expect(versions.filter(isNodeUsable)).toEqual(['22.18.0', '24.1.0', '26.0.0']);
});
