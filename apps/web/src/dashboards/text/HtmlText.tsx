import { type AnchorHTMLAttributes, createElement, Fragment, type ReactNode, useMemo } from "react";
import { safeLink } from "./safe-link.ts";

/** Elements that only structure text. Everything else is left out, its text kept. */
const allowed = new Set(
  "p div span br hr h1 h2 h3 h4 h5 h6 ul ol li b strong i em u s code pre blockquote table thead tbody tr th td a small sub sup dl dt dd center".split(
    " ",
  ),
);

/** Elements whose content is no text for readers. */
const dropped = new Set([
  "script",
  "style",
  "iframe",
  "object",
  "embed",
  "template",
  "noscript",
  "svg",
  "math",
  "link",
  "meta",
  "head",
  "title",
]);

/** Nested deeper, the rest is left out. */
const depthMax = 40;

/**
 * HTML of a text panel as React elements: no attribute but a harmless link survives, so nothing of it can run or load.
 * The parser makes an inert document.
 */
export function HtmlText({ html }: { readonly html: string }) {
  return useMemo(() => childrenOf(new DOMParser().parseFromString(html, "text/html").body, 0), [html]);
}

function childrenOf(node: Node, depth: number): ReactNode {
  if (depth > depthMax) return null;
  return Array.from(node.childNodes, (child, index) => <Fragment key={index}>{nodeOf(child, depth)}</Fragment>);
}

function nodeOf(node: Node, depth: number): ReactNode {
  if (node.nodeType === Node.TEXT_NODE) return node.textContent;
  if (!(node instanceof Element)) return null;
  const tag = node.tagName.toLowerCase();
  if (dropped.has(tag)) return null;
  if (!allowed.has(tag)) return childrenOf(node, depth + 1);
  if (tag === "br" || tag === "hr") return createElement(tag);
  const address = tag === "a" ? safeLink(node.getAttribute("href") ?? "") : null;
  const attributes: AnchorHTMLAttributes<HTMLAnchorElement> =
    address === null ? {} : { href: address, target: "_blank", rel: "noreferrer noopener" };
  return createElement(tag, attributes, childrenOf(node, depth + 1));
}
