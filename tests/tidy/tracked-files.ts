import { execFileSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';

const projectRoot = path.resolve(path.dirname(fileURLToPath(import.meta.url)), '../..');

/** A file of the project: its path from the root with forward slashes, and its text. */
export interface TrackedFile {
  readonly path: string;
  readonly text: string;
}

const BINARY = /\.(png|jpg|webp|ico|woff2|ttf|bin|parquet|gz)$/;

/** The paths of all files that git tracks and that exist. */
export function trackedPaths(): readonly string[] {
  const output = execFileSync('git', ['ls-files', '-z'], { cwd: projectRoot, encoding: 'utf8' });
  const paths = output.split('\0').filter((name) => name !== '');
  return paths.filter((name) => existsSync(path.join(projectRoot, name)));
}

/** All tracked text files. */
export function trackedFiles(): readonly TrackedFile[] {
  return trackedPaths()
    .filter((name) => !BINARY.test(name))
    .map((name) => ({ path: name, text: readFileSync(path.join(projectRoot, name), 'utf8') }));
}
