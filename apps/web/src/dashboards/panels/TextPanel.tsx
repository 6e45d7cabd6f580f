import { useMemo } from "react";
import { HtmlText } from "../text/HtmlText.tsx";
import { MarkdownText } from "../text/MarkdownText.tsx";
import classes from "./panels.module.css";

interface TextPanelProps {
  readonly mode: "markdown" | "html" | "code";
  readonly content: string;
}

/** A note of the dashboard's author; whatever it holds, it can only become text, lists, tables and links. */
export function TextPanel({ mode, content }: TextPanelProps) {
  const text = useMemo(() => {
    if (mode === "code") return <pre className={classes.code}>{content}</pre>;
    return mode === "html" || /^\s*</.test(content) ? <HtmlText html={content} /> : <MarkdownText source={content} />;
  }, [mode, content]);
  return <div className={classes.text}>{text}</div>;
}
