// The content security policy names the script of the sandbox's frame by its hash.
import { createHash } from 'node:crypto';
import { existsSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { projectRoot } from './project.mjs';

const FRAME_FILE = path.join(projectRoot, 'src', 'sandbox', 'frame.html');

/** `sha256-…` of every inline script in `html`, in order. */
export function scriptHashes(html) {
  const scripts = [...html.matchAll(/<script>([\s\S]*?)<\/script>/g)].map((match) => match[1]);
  return scripts.map((text) => `sha256-${createHash('sha256').update(text).digest('base64')}`);
}

/** The hashes of the scripts in src/sandbox/frame.html. */
export function frameScriptHashes() {
  return existsSync(FRAME_FILE) ? scriptHashes(readFileSync(FRAME_FILE, 'utf8')) : [];
}
