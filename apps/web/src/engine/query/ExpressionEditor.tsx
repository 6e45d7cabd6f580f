import {
  acceptCompletion,
  autocompletion,
  closeCompletion,
  completionStatus,
  moveCompletionSelection,
  selectedCompletionIndex,
} from "@codemirror/autocomplete";
import { EditorState, Prec } from "@codemirror/state";
import { EditorView, keymap, placeholder } from "@codemirror/view";
import { PromQLExtension } from "@prometheus-io/codemirror-promql";
import { basicSetup } from "codemirror";
import { useEffect, useRef } from "react";
import { cspNonce } from "../../shared/theme/csp-nonce.ts";
import { editorHighlighting, editorTheme } from "./editor-theme.ts";

interface ExpressionEditorProps {
  readonly value: string;
  readonly onChange: (value: string) => void;
  readonly onExecute: (expr?: string) => void;
}

/** PromQL with highlighting and with completion of metrics and labels from this engine. Loaded when the page is up. */
export default function ExpressionEditor({ value, onChange, onExecute }: ExpressionEditorProps) {
  const host = useRef<HTMLDivElement>(null);
  const viewRef = useRef<EditorView | null>(null);
  const callbacks = useRef({ onChange, onExecute });
  callbacks.current = { onChange, onExecute };

  useEffect(() => {
    const promql = new PromQLExtension().setComplete({ remote: { url: "" } });
    const view = new EditorView({
      parent: host.current!,
      state: EditorState.create({
        doc: value,
        selection: { anchor: value.length },
        extensions: [
          EditorView.cspNonce.of(cspNonce()),
          Prec.highest(keysFor(() => callbacks.current.onExecute())),
          // Nothing is chosen until an arrow key or Tab chooses it: Enter then asks what was typed, not what was offered.
          // So the list needs no time in which it ignores keys, during which Tab would leave the editor.
          autocompletion({ selectOnOpen: false, interactionDelay: 0 }),
          basicSetup,
          promql.asExtension(),
          EditorView.lineWrapping,
          EditorView.contentAttributes.of({ "aria-label": "Expression" }),
          placeholder("Expression; Enter asks, Shift-Enter breaks the line"),
          EditorView.updateListener.of(
            (update) => update.docChanged && callbacks.current.onChange(update.state.doc.toString()),
          ),
          editorTheme,
          editorHighlighting,
        ],
      }),
    });
    viewRef.current = view;
    view.focus();
    return () => view.destroy();
    // The editor is made once; later texts go in by the effect below.
    // oxlint-disable-next-line react/exhaustive-deps
  }, []);

  useEffect(() => {
    const view = viewRef.current;
    const shown = view?.state.doc.toString();
    if (view === null || shown === value) return;
    view.dispatch({ changes: { from: 0, to: view.state.doc.length, insert: value } });
  }, [value]);

  return <div ref={host} />;
}

function keysFor(onExecute: () => void) {
  return keymap.of([
    {
      key: "Enter",
      run: (view) => {
        if (isChosen(view)) return acceptCompletion(view);
        closeCompletion(view);
        onExecute();
        return true;
      },
      shift: (view) => {
        view.dispatch(view.state.replaceSelection("\n"));
        return true;
      },
    },
    {
      key: "Tab",
      run: (view) => {
        if (completionStatus(view.state) !== "active") return false;
        if (!isChosen(view)) moveCompletionSelection(true)(view);
        return acceptCompletion(view);
      },
    },
  ]);
}

function isChosen(view: EditorView): boolean {
  return completionStatus(view.state) === "active" && (selectedCompletionIndex(view.state) ?? -1) >= 0;
}
