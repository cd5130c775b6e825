// Modules made while building: see tools/engine-bundle.mjs.

declare module 'virtual:engine-bundle' {
  /** `#engine` as one module of JavaScript. */
  export const code: string;
}
declare module 'virtual:engine-types' {
  /** The engine's declarations, by path below `engine/`. */
  export const declarations: { readonly [path: string]: string };
}
declare module 'virtual:sandbox-worker' {
  /** The worker of the sandbox as one classic script. */
  export const code: string;
}
declare module 'virtual:exercise-bundles' {
  /** Loaders of each exercise's `checks.ts` as one module of JavaScript, by slug. */
  export const loaders: { readonly [slug: string]: () => Promise<{ readonly code: string }> };
}
