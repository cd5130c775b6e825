import { assert } from '../../core/assert.ts';
import { toJson } from '../../core/clone.ts';
import type { Json } from '../../core/clone.ts';
import type { FileStatus } from '../../trace/frame.ts';
import { toColumns } from '../external-store.ts';
import type { ExternalStore, SinkRow, SinkTable } from '../external-store.ts';

/** One part file. */
export interface PartFile {
  readonly file: number;
  /** Name without the directory, once it is finished. */
  readonly name: string;
  /** The bucket: a directory, or empty. */
  readonly partition: string;
  readonly status: FileStatus;
  readonly rows: readonly Json[];
}

interface MutablePart extends PartFile {
  status: FileStatus;
  rows: Json[];
  /** Bytes behind each row. */
  sizes: number[];
}

/**
 * A directory with part files. Models Flink 2.3 FileSink on a file system: a file is written under
 * a hidden name, and renamed when its checkpoint is complete, which can be done again without harm.
 * What a failed attempt has left under hidden names stays there, and no reader looks at it.
 * Invariant: a finished file never changes.
 */
export class FileStore implements ExternalStore {
  readonly name: string;
  readonly kind = 'files';
  readonly #files: MutablePart[] = [];
  #writeCount = 0;

  constructor(name: string) {
    this.name = name;
  }

  get writeCount(): number {
    return this.#writeCount;
  }

  get files(): readonly PartFile[] {
    return this.#files;
  }

  /** Begins a file under a hidden name. */
  open(owner: number, partition: string): number {
    const file = this.#files.length;
    const name = `part-${owner}-${file}`;
    this.#files.push({ file, name, partition, status: 'in-progress', rows: [], sizes: [] });
    return file;
  }

  append(file: number, row: unknown): void {
    const part = this.#get(file);
    assert(part.status === 'in-progress', `file ${file} is being written`);
    const json = toJson(row);
    part.rows.push(json);
    part.sizes.push((part.sizes.at(-1) ?? 0) + JSON.stringify(json).length + 1);
    this.#writeCount += 1;
  }

  close(file: number): void {
    this.#get(file).status = 'pending';
  }

  /** Gives the file its name; false when it had it already. */
  finish(file: number): boolean {
    const part = this.#get(file);
    if (part.status === 'finished') return false;
    assert(part.status === 'pending', `file ${file} is closed before it gets its name`);
    part.status = 'finished';
    return true;
  }

  isFinished(file: number): boolean {
    return this.#get(file).status === 'finished';
  }

  /** Cuts off what was written behind a checkpoint, so that its writer can go on. */
  resume(file: number, rowCount: number): void {
    const part = this.#get(file);
    assert(part.status !== 'finished', `file ${file} is not finished, so that it can be resumed`);
    part.status = 'in-progress';
    part.rows.length = rowCount;
    part.sizes.length = rowCount;
  }

  rowsOf(file: number): readonly Json[] {
    return this.#get(file).rows;
  }

  sizeBytesOf(file: number): number {
    return this.#get(file).sizes.at(-1) ?? 0;
  }

  /** Where it is now: hidden until it is finished. */
  pathOf(file: number): string {
    const { name, partition, status } = this.#get(file);
    const directory = partition === '' ? '' : `${partition}/`;
    return directory + (status === 'finished' ? name : `.${name}.inprogress`);
  }

  writes(): readonly SinkRow[] {
    return this.#files
      .filter(({ status }) => status === 'finished')
      .flatMap(({ rows }) => rows.map((row) => ({ key: null, row })));
  }

  /** The rows of finished files; and every file, with what it is. */
  tables(): readonly SinkTable[] {
    const rows = this.writes().map(({ row }) => toColumns(row));
    const files = this.#files.map(({ file, status, rows: inFile }) => ({
      path: this.pathOf(file),
      status,
      row_count: inFile.length,
      size_bytes: this.sizeBytesOf(file),
    }));
    return [
      { name: this.name, primaryKey: [], rows },
      { name: `${this.name}_files`, primaryKey: ['path'], rows: files },
    ];
  }

  #get(file: number): MutablePart {
    const part = this.#files[file];
    assert(part !== undefined, `file ${file} exists`);
    return part;
  }
}
