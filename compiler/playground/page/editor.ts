/**
 * The editor of a program. In: text, diagnostics, words of the language. Out: what is typed, where the cursor is.
 * Everything of the packages it is made of stays in this file.
 */
import {
  autocompletion,
  closeBrackets,
  closeBracketsKeymap,
  completionKeymap,
  type CompletionContext,
  type CompletionResult,
} from '@codemirror/autocomplete';
import { defaultKeymap, history, historyKeymap, indentWithTab } from '@codemirror/commands';
import {
  bracketMatching,
  HighlightStyle,
  indentOnInput,
  indentUnit,
  StreamLanguage,
  syntaxHighlighting,
} from '@codemirror/language';
import { lintGutter, lintKeymap, setDiagnostics } from '@codemirror/lint';
import { highlightSelectionMatches, searchKeymap } from '@codemirror/search';
import { EditorState, type Text } from '@codemirror/state';
import {
  drawSelection,
  EditorView,
  highlightActiveLine,
  highlightActiveLineGutter,
  hoverTooltip,
  keymap,
  lineNumbers,
} from '@codemirror/view';
import { tags } from '@lezer/highlight';
import type { Diagnostic, Span } from '../../../runtime/plan-format.ts';
import type { ReferenceWord } from '../../reference/words.ts';
import { netLanguage } from './highlight.ts';

export interface EditorEvents {
  changed(text: string): void;
  /** The line of the cursor, from 1. */
  moved(line: number): void;
}

const COLOURS = HighlightStyle.define([
  { tag: tags.keyword, class: 'tok-keyword' },
  { tag: tags.comment, class: 'tok-comment' },
  { tag: tags.string, class: 'tok-string' },
  { tag: [tags.number, tags.unit], class: 'tok-number' },
  { tag: [tags.bool, tags.typeName], class: 'tok-type' },
  { tag: tags.labelName, class: 'tok-label' },
  { tag: tags.function(tags.variableName), class: 'tok-function' },
  { tag: [tags.operator, tags.punctuation], class: 'tok-operator' },
]);

const LANGUAGE = StreamLanguage.define({
  ...netLanguage,
  tokenTable: { function: tags.function(tags.variableName) },
});

/** Spaces that a block's statements stand in. */
const INDENT = '  ';

export class Editor {
  readonly #view: EditorView;
  #words: ReadonlyMap<string, ReferenceWord> = new Map();

  constructor(parent: HTMLElement, events: EditorEvents) {
    this.#view = new EditorView({
      parent,
      state: EditorState.create({
        extensions: [
          lineNumbers(),
          highlightActiveLineGutter(),
          lintGutter(),
          history(),
          drawSelection(),
          indentOnInput(),
          bracketMatching(),
          closeBrackets(),
          autocompletion({ override: [(context) => this.#complete(context)], icons: false }),
          highlightActiveLine(),
          highlightSelectionMatches(),
          EditorView.lineWrapping,
          indentUnit.of(INDENT),
          LANGUAGE,
          LANGUAGE.data.of({ indentOnInput: /^\s*\}$/ }),
          syntaxHighlighting(COLOURS),
          hoverTooltip((view, position) => this.#explain(view, position)),
          EditorView.contentAttributes.of({
            'aria-label': 'Program',
            spellcheck: 'false',
            autocapitalize: 'off',
          }),
          keymap.of([
            ...closeBracketsKeymap,
            ...defaultKeymap.filter(({ key }) => key !== 'Mod-Enter'),
            ...searchKeymap,
            ...historyKeymap,
            ...completionKeymap,
            ...lintKeymap,
            // Escape, then Tab leaves the editor.
            indentWithTab,
          ]),
          EditorView.updateListener.of((update) => {
            if (update.docChanged) events.changed(update.state.doc.toString());
            if (update.selectionSet || update.docChanged) events.moved(this.#line(update.state));
          }),
        ],
      }),
    });
  }

  get text(): string {
    return this.#view.state.doc.toString();
  }

  /** Another program, from its beginning. The one before can be had back by undoing. */
  open(text: string): void {
    const { doc } = this.#view.state;
    this.#view.dispatch({
      changes: { from: 0, to: doc.length, insert: text },
      selection: { anchor: 0 },
      scrollIntoView: true,
    });
  }

  /** The same program, written otherwise. */
  replace(text: string): void {
    const { state } = this.#view;
    const line = this.#line(state);
    this.#view.dispatch({ changes: { from: 0, to: state.doc.length, insert: text } });
    const { doc } = this.#view.state;
    this.#view.dispatch({ selection: { anchor: offset(doc, line, 1) }, scrollIntoView: true });
  }

  know(words: readonly ReferenceWord[]): void {
    this.#words = new Map(words.map((word) => [word.name, word]));
  }

  showDiagnostics(diagnostics: readonly Diagnostic[]): void {
    const { state } = this.#view;
    const shown = diagnostics.flatMap(({ severity, code, message, help, span }) => {
      if (span === undefined) return [];
      const text = help === undefined ? `${code}: ${message}` : `${code}: ${message}\n${help}`;
      return [{ ...rangeOf(state.doc, span), severity, message: text }];
    });
    this.#view.dispatch(setDiagnostics(state, shown));
  }

  /** Puts the cursor at a place of the program, and looks at it. */
  goTo(line: number, column = 1): void {
    const { doc } = this.#view.state;
    const at = offset(doc, line, column);
    this.#view.dispatch({
      selection: { anchor: at },
      effects: EditorView.scrollIntoView(at, { y: 'center' }),
    });
    this.#view.focus();
  }

  focus(): void {
    this.#view.focus();
  }

  #line(state: EditorState): number {
    return state.doc.lineAt(state.selection.main.head).number;
  }

  #complete(context: CompletionContext): CompletionResult | null {
    const word = context.matchBefore(/[A-Za-z_][A-Za-z0-9_]*/);
    if (word === null || (word.from === word.to && !context.explicit)) return null;
    const before = context.state.doc.lineAt(word.from);
    // Nothing is offered inside of comments and texts.
    if (/#|^[^"]*"[^"]*$/.test(before.text.slice(0, word.from - before.from))) return null;
    return {
      from: word.from,
      options: [...this.#words.values()].map(({ name, call, meaning, kind }) => ({
        label: name,
        detail: kind,
        info: meaning === '' ? call : `${call}\n${meaning}`,
      })),
      validFor: /^[A-Za-z0-9_]*$/,
    };
  }

  /** What a name of the language means, while pointing at it. */
  #explain(view: EditorView, position: number) {
    const range = view.state.wordAt(position);
    const word = range && this.#words.get(view.state.sliceDoc(range.from, range.to));
    if (!range || !word) return null;
    return {
      pos: range.from,
      end: range.to,
      create: () => {
        const dom = document.createElement('div');
        dom.className = 'meaning';
        const call = document.createElement('code');
        call.textContent = word.call;
        dom.append(call);
        if (word.meaning !== '') dom.append(document.createElement('br'), word.meaning);
        return { dom };
      },
    };
  }
}

const clamp = (value: number, low: number, high: number): number => Math.min(Math.max(value, low), high);

function offset(doc: Text, line: number, column: number): number {
  const found = doc.line(clamp(line, 1, doc.lines));
  return found.from + clamp(column - 1, 0, found.length);
}

/** At least one character, so that there is something to see. */
function rangeOf(doc: Text, span: Span): { from: number; to: number } {
  const from = offset(doc, span.line, span.column);
  const to = offset(doc, span.endLine, span.endColumn);
  return to > from
    ? { from, to }
    : { from: Math.max(0, Math.min(from, doc.length - 1)), to: Math.min(from + 1, doc.length) };
}
