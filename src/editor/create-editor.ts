import type * as Monaco from 'monaco-editor/editor';
import type * as typescriptModule from 'monaco-editor/languages/features/typescript/register';
import { type Compilation, compile, type Problem } from './compile.ts';
import { followTheme } from './theme.ts';

/** The editor as the rest of the page knows it. */
export interface Editor {
  getText(): string;
  /** Replaces the whole text as one step that can be undone. */
  replaceText(text: string): void;
  compile(): Promise<Compilation>;
  /** Marks what went wrong when the code ran; an empty list takes the marks away. */
  markProblems(problems: readonly Problem[]): void;
  /** Moves the cursor there and brings the line into view. */
  goTo(line: number, column: number): void;
  format(): void;
  undo(): void;
  redo(): void;
  focus(): void;
  dispose(): void;
}

export interface EditorOptions {
  readonly monaco: typeof Monaco;
  readonly typescript: typeof typescriptModule;
  readonly host: HTMLElement;
  readonly text: string;
  readonly label: string;
  readonly onEdit: (text: string) => void;
  /** Ctrl/Cmd+Enter, and with Shift. */
  readonly onRun: () => void;
  readonly onCheck: () => void;
  /** The compiler's complaints about the text of now, whenever they change. */
  readonly onProblems: (problems: readonly Problem[]) => void;
}

const MARKER_OWNER = 'millrace';
const MODEL_URI = 'file:///exercise/operator.ts';

/** Opens an editor with its own model in `host`. There is one at a time on a page. */
export function createEditor(options: EditorOptions): Editor {
  const { monaco, typescript, host } = options;
  const model = monaco.editor.createModel(options.text, 'typescript', monaco.Uri.parse(MODEL_URI));
  model.updateOptions({ tabSize: 2, insertSpaces: true });
  const stopTheme = followTheme(monaco);
  const editor = monaco.editor.create(host, {
    model,
    ariaLabel: options.label,
    automaticLayout: true,
    fontFamily: getComputedStyle(host).getPropertyValue('--font-mono'),
    fontSize: 14,
    lineHeight: 21,
    folding: false,
    glyphMargin: false,
    lineNumbersMinChars: 3,
    minimap: { enabled: false },
    padding: { top: 12, bottom: 12 },
    overviewRulerLanes: 0,
    renderLineHighlightOnlyWhenFocus: true,
    scrollBeyondLastLine: false,
    scrollbar: { alwaysConsumeMouseWheel: false },
    fixedOverflowWidgets: true,
    wordWrap: 'off',
  });
  const { CtrlCmd, Shift } = monaco.KeyMod;
  editor.addCommand(CtrlCmd | monaco.KeyCode.Enter, options.onRun);
  editor.addCommand(CtrlCmd | Shift | monaco.KeyCode.Enter, options.onCheck);
  const listeners = [
    model.onDidChangeContent(() => options.onEdit(model.getValue())),
    monaco.editor.onDidChangeMarkers((uris) => {
      if (uris.some((uri) => uri.toString() === MODEL_URI)) {
        options.onProblems(readProblems(monaco, model));
      }
    }),
  ];
  return {
    getText: () => model.getValue(),
    replaceText: (text) => {
      editor.pushUndoStop();
      editor.executeEdits('replace', [{ range: model.getFullModelRange(), text }]);
      editor.pushUndoStop();
      editor.setPosition({ lineNumber: 1, column: 1 });
      editor.revealLine(1);
    },
    compile: () => compile(typescript, model),
    markProblems: (problems) => {
      const severity = monaco.MarkerSeverity.Error;
      const markers = problems.map(({ line, message }) => {
        return { ...lineRange(model, line), message, severity };
      });
      monaco.editor.setModelMarkers(model, MARKER_OWNER, markers);
    },
    goTo: (lineNumber, column) => {
      editor.setPosition({ lineNumber, column });
      editor.revealLineInCenterIfOutsideViewport(lineNumber);
      editor.focus();
    },
    format: () => void editor.getAction('editor.action.formatDocument')?.run(),
    undo: () => editor.trigger('button', 'undo', null),
    redo: () => editor.trigger('button', 'redo', null),
    focus: () => editor.focus(),
    dispose: () => {
      stopTheme();
      for (const listener of listeners) listener.dispose();
      editor.dispose();
      model.dispose();
    },
  };
}

function lineRange(model: Monaco.editor.ITextModel, line: number): Monaco.IRange {
  const lineNumber = Math.min(Math.max(line, 1), model.getLineCount());
  return {
    startLineNumber: lineNumber,
    startColumn: model.getLineFirstNonWhitespaceColumn(lineNumber),
    endLineNumber: lineNumber,
    endColumn: model.getLineMaxColumn(lineNumber),
  };
}

function readProblems(monaco: typeof Monaco, model: Monaco.editor.ITextModel): readonly Problem[] {
  return monaco.editor
    .getModelMarkers({ resource: model.uri })
    .filter(({ owner, severity }) => {
      return owner !== MARKER_OWNER && severity === monaco.MarkerSeverity.Error;
    })
    .map(({ startLineNumber: line, startColumn: column, message }) => ({ line, column, message }));
}
