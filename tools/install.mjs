// Installs what is missing or stale. Runs with nothing installed, on Node 20 or newer.
import { existsSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { isNodeUsable } from './node/own-node.mjs';
import { projectRoot, runCommand } from './project.mjs';

// The oldest that can run the entry points in this folder.
const NODE_MAJOR_MIN = 20;

function readPackages(file) {
  return JSON.parse(readFileSync(file, 'utf8')).packages ?? {};
}

/**
 * Why node_modules doesn't fit the lockfile, in a few words, or undefined when it does. Compares
 * with the list that npm keeps inside node_modules, so an unfinished install is noticed too.
 */
export function staleReason(root = projectRoot) {
  const installedFile = path.join(root, 'node_modules', '.package-lock.json');
  if (!existsSync(installedFile)) return 'nothing is installed yet';
  const installed = readPackages(installedFile);
  for (const [location, wanted] of Object.entries(readPackages(`${root}/package-lock.json`))) {
    if (location === '') continue;
    const found = installed[location];
    // A package for another operating system is in the lockfile and rightly not installed.
    if (found === undefined && wanted.optional === true) continue;
    const name = location.replace(/^.*node_modules\//, '');
    if (found === undefined) return `${name} is missing`;
    if (found.version !== wanted.version) {
      return `${name} is ${found.version}, the lockfile says ${wanted.version}`;
    }
  }
  return undefined;
}

function lacksPrivateNode() {
  const link = path.join(projectRoot, 'node_modules', '.bin', 'node');
  return !isNodeUsable(process.versions.node) && !existsSync(link);
}

/** Runs `npm ci` if node_modules doesn't fit the lockfile; ends the process if that fails. */
export async function ensureInstalled() {
  if (Number(process.versions.node.split('.')[0]) < NODE_MAJOR_MIN) {
    console.error(`Node ${process.versions.node} is too old: install Node 20.19 or newer.`);
    process.exit(1);
  }
  const reason = staleReason();
  let result = { code: 0 };
  if (reason !== undefined) {
    console.log(`Installing packages (${reason})…`);
    result = await runCommand('npm', ['ci', '--no-audit', '--no-fund', '--loglevel=error']);
  } else if (lacksPrivateNode()) {
    result = await runCommand(process.execPath, ['tools/node/ensure.mjs']);
  }
  if (result.code !== 0) {
    console.error('Could not install the packages; see above. `npm ci` tries it again by itself.');
    process.exit(1);
  }
}
