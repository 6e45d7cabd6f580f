import { type RefCallback, useCallback, useState } from "react";

export interface ContentSize {
  readonly width: number;
  readonly height: number;
}

/**
 * The room inside an element, in CSS pixels: measured as soon as the element is there, and then whenever it changes. It is 0
 * while the element is not shown.
 */
export function useContentSize<Element extends HTMLElement = HTMLDivElement>(): ContentSize & {
  readonly ref: RefCallback<Element>;
} {
  const [size, setSize] = useState<ContentSize>({ width: 0, height: 0 });
  const ref = useCallback<RefCallback<Element>>((element) => {
    if (element === null) return undefined;
    const take = (next: ContentSize): void =>
      setSize((known) => (known.width === next.width && known.height === next.height ? known : next));
    // An observer speaks only with the next frame, and a page in the background has none.
    take(contentSizeOf(element));
    const observer = new ResizeObserver((entries) => {
      const last = entries.at(-1);
      if (last !== undefined) take({ width: last.contentRect.width, height: last.contentRect.height });
    });
    observer.observe(element);
    return () => observer.disconnect();
  }, []);
  return { ref, ...size };
}

function contentSizeOf(element: HTMLElement): ContentSize {
  const style = getComputedStyle(element);
  const sum = (...texts: readonly string[]): number =>
    texts.reduce((total, text) => total + (Number.parseFloat(text) || 0), 0);
  return {
    width: Math.max(0, element.clientWidth - sum(style.paddingLeft, style.paddingRight)),
    height: Math.max(0, element.clientHeight - sum(style.paddingTop, style.paddingBottom)),
  };
}
