import { KIND } from '../trace/kinds.ts';
import type { Json, Trace } from '../trace/trace.ts';
import type { WindowReport, WindowResult, WindowSpec } from './judge-windows.ts';
import type { Finding } from './verdict.ts';
import { windowId } from './window-oracle.ts';
import { resultText, windowText } from './window-wording.ts';

interface TableRow {
  readonly result: WindowResult;
  readonly row: number;
}

/**
 * Compares what a reader of the table finds at the end with what is due. When a result came does
 * not count, nor what the table says of windows that are still open.
 */
export function judgeTable(trace: Trace, spec: WindowSpec, report: WindowReport): Finding[] {
  const table = tableAtEnd(trace, spec);
  const findings: Finding[] = [];
  const due = [...report.due.values()].sort(
    (left, right) => left.window.endMs - right.window.endMs || left.row - right.row,
  );
  for (const { window, row } of due) {
    const found = table.get(window.id);
    if (found?.result.count === window.count) continue;
    const numbers = `for ${windowText(trace, window)}: expected ${window.count}.`;
    const expected = resultText(trace, window, window.count);
    if (found === undefined) {
      findings.push({
        name: 'missing result',
        text: `The table has no row ${numbers}`,
        expected,
        row,
      });
    } else {
      const { count } = found.result;
      findings.push({
        name: 'wrong result',
        text: `The table says ${count} ${numbers}`,
        expected,
        actual: resultText(trace, window, count),
        row: found.row,
      });
    }
  }
  for (const [id, { result, row }] of table) {
    if (!report.due.has(id) && !report.open.has(id)) findings.push(unexpected(trace, result, row));
  }
  return findings;
}

function unexpected(trace: Trace, result: WindowResult, row: number): Finding {
  const line = JSON.stringify(trace.values[trace.columns.value[row] as number] ?? null);
  const { count } = result;
  return {
    name: 'unexpected result',
    text: `The table has a row that no record asks for: ${count} for a window of its own.`,
    actual: line,
    row,
  };
}

/** The last write of each window. */
function tableAtEnd(trace: Trace, spec: WindowSpec): Map<string, TableRow> {
  const table = new Map<string, TableRow>();
  const ids = new Map(trace.keys.map((key, index) => [JSON.stringify(key), index]));
  const { kind, value } = trace.columns;
  for (let row = 0; row < trace.rowCount; row += 1) {
    if (kind[row] !== KIND['sink-written']) continue;
    const write = trace.values[value[row] as number] as { readonly row?: Json } | null;
    const result = spec.readResult(write?.row ?? null);
    if (result === undefined) continue;
    const key = ids.get(JSON.stringify(result.key)) ?? -1;
    const id = key === -1 ? JSON.stringify(result) : windowId(key, result.endMs);
    table.set(id, { result, row });
  }
  return table;
}
