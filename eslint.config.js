import js from '@eslint/js';
import astro from 'eslint-plugin-astro';
import svelte from 'eslint-plugin-svelte';
import globals from 'globals';
import ts from 'typescript-eslint';
import svelteConfig from './svelte.config.js';

const noEnum = {
  selector: 'TSEnumDeclaration',
  message: "Use a union: type Mode = 'append' | 'upsert'.",
};
const noDefaultExport = {
  selector: 'ExportDefaultDeclaration',
  message: 'Export by name, so that the idea has one name everywhere.',
};

// What both Node and every browser have, and what gives the same bytes in both.
const engineGlobals = new Set([
  ...Object.keys(globals.es2025).filter((name) => !['Promise', 'Intl'].includes(name)),
  'TextEncoder',
  'TextDecoder',
  'structuredClone',
]);
const platformGlobals = new Set([
  ...['Promise', 'Intl'],
  ...Object.keys(globals.browser),
  ...Object.keys(globals.node),
]);
const engineMessage = 'A run is a pure function: take time and chance from the simulation.';

const engineRules = {
  'no-restricted-globals': [
    'error',
    ...[...platformGlobals]
      .filter((name) => !engineGlobals.has(name))
      .map((name) => ({ name, message: engineMessage })),
  ],
  'no-restricted-properties': [
    'error',
    { object: 'Math', property: 'random', message: engineMessage },
    { object: 'Date', property: 'now', message: engineMessage },
    ...['getFullYear', 'getMonth', 'getDate', 'getDay', 'getHours', 'getMinutes'].map(
      (property) => ({ property, message: 'Use the UTC method: time zones differ by machine.' }),
    ),
    { property: 'localeCompare', message: 'Compare with < and >: locales differ by machine.' },
    { property: 'toLocaleString', message: 'Format by hand: locales differ by machine.' },
  ],
  'no-restricted-syntax': [
    'error',
    noEnum,
    noDefaultExport,
    { selector: 'NewExpression[callee.name=Date][arguments.length=0]', message: engineMessage },
    { selector: ':function[async=true]', message: 'The engine has no promises: call it directly.' },
    { selector: 'AwaitExpression', message: 'The engine has no promises: call it directly.' },
    { selector: 'ImportExpression', message: 'Import at the top of the file.' },
  ],
};

export default ts.config(
  {
    ignores: [
      '.astro/',
      'dist/',
      'node_modules/',
      'playwright-report/',
      'public/',
      'test-results/',
      'tools/node/node_modules/',
    ],
  },
  { linterOptions: { reportUnusedDisableDirectives: 'error' } },
  js.configs.recommended,
  ...ts.configs.strict,
  ...svelte.configs.recommended,
  ...astro.configs.recommended,
  { languageOptions: { globals: { ...globals.browser, ...globals.node } } },
  {
    files: ['**/*.svelte', '**/*.svelte.ts'],
    languageOptions: {
      parserOptions: { parser: ts.parser, extraFileExtensions: ['.svelte'], svelteConfig },
    },
  },
  {
    rules: {
      eqeqeq: 'error',
      'no-restricted-syntax': ['error', noEnum, noDefaultExport],
      'prefer-const': 'error',
      // A declaration of ambient modules can't import at its top: it would become a module itself.
      '@typescript-eslint/consistent-type-imports': ['error', { disallowTypeAnnotations: false }],
      '@typescript-eslint/explicit-module-boundary-types': 'off',
      '@typescript-eslint/no-unused-vars': [
        'error',
        { argsIgnorePattern: '^_', ignoreRestSiblings: true },
      ],
      // A typed array has no holes: an index that was just checked needs the assertion.
      '@typescript-eslint/no-non-null-assertion': 'off',
    },
  },
  {
    files: ['**/*.{ts,mjs,svelte}'],
    ignores: ['tests/**'],
    rules: { 'max-lines-per-function': ['error', { max: 70 }] },
  },
  {
    files: ['**/*.svelte', '**/*.svelte.ts'],
    rules: {
      // Svelte reassigns what $props() and $derived() give.
      'prefer-const': 'off',
      'svelte/prefer-const': 'error',
      // A worker is made from a plain `new URL(…, import.meta.url)`, which the bundler looks for.
      'svelte/prefer-svelte-reactivity': 'off',
    },
  },
  { files: ['engine/**/*.ts'], rules: engineRules },
  {
    // TypeScript itself reports unknown names.
    files: ['**/*.{ts,svelte,astro}'],
    rules: { 'no-undef': 'off' },
  },
  {
    // Their tools read the default export.
    files: ['*.config.{js,mjs,ts}'],
    rules: { 'no-restricted-syntax': ['error', noEnum] },
  },
  {
    // A promise that nobody waits for loses its error.
    files: ['{src,content,tests}/**/*.ts'],
    ignores: ['**/*.svelte.ts'],
    languageOptions: { parserOptions: { projectService: true } },
    rules: {
      '@typescript-eslint/await-thenable': 'error',
      '@typescript-eslint/no-floating-promises': 'error',
      '@typescript-eslint/no-misused-promises': 'error',
    },
  },
);
