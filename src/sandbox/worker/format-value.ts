const DEPTH_MAX = 4;
const ENTRIES_MAX = 30;

/** A value as one line for the console. Never throws, whatever the value does. */
export function formatValue(value: unknown): string {
  try {
    return typeof value === 'string' ? value : format(value, 0, new Set());
  } catch (error) {
    return `(can't be shown: ${error instanceof Error ? error.message : 'it throws'})`;
  }
}

function format(value: unknown, depth: number, parents: Set<object>): string {
  if (typeof value === 'string') return JSON.stringify(value);
  if (typeof value === 'bigint') return `${value}n`;
  if (typeof value === 'function') return `function ${value.name || '(anonymous)'}`;
  if (typeof value !== 'object' || value === null) return String(value);
  if (value instanceof Date) return Number.isNaN(+value) ? String(value) : value.toISOString();
  if (value instanceof Error) return `${value.name}: ${value.message}`;
  if (parents.has(value)) return '(itself)';
  if (depth >= DEPTH_MAX) return Array.isArray(value) ? '[…]' : '{…}';
  parents.add(value);
  const text = formatObject(value, (inner) => format(inner, depth + 1, parents));
  parents.delete(value);
  return text;
}

function formatObject(value: object, inner: (value: unknown) => string): string {
  if (Array.isArray(value)) return `[${joinBounded(value.map((item) => inner(item)))}]`;
  if (value instanceof Map) {
    const entries = [...value].map(([key, item]) => `${inner(key)} => ${inner(item)}`);
    return `Map {${joinBounded(entries)}}`;
  }
  if (value instanceof Set) return `Set {${joinBounded([...value].map((item) => inner(item)))}}`;
  const fields = Object.entries(value).map(([name, item]) => `${name}: ${inner(item)}`);
  const className = (value.constructor as { name?: string } | undefined)?.name;
  const prefix = className === undefined || className === 'Object' ? '' : `${className} `;
  return `${prefix}{ ${joinBounded(fields)} }`;
}

function joinBounded(items: readonly string[]): string {
  if (items.length <= ENTRIES_MAX) return items.join(', ');
  return `${items.slice(0, ENTRIES_MAX).join(', ')}, … ${items.length - ENTRIES_MAX} more`;
}
