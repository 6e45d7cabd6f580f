import { type MouseEvent, useMemo, useSyncExternalStore } from "react";

/** What the address bar says, as far as a page cares. */
export interface PageLocation {
  readonly path: string;
  readonly search: URLSearchParams;
}

const changed = new EventTarget();

/** The current address; the component draws again when it changes. */
export function usePageLocation(): PageLocation {
  const address = useSyncExternalStore(subscribe, currentAddress);
  return useMemo(() => {
    const url = new URL(address, window.location.origin);
    return { path: url.pathname, search: url.searchParams };
  }, [address]);
}

/** Goes to another address of the same page without loading it anew; `replace` leaves no entry in the history. */
export function navigate(address: string, options: { readonly replace?: boolean } = {}): void {
  if (options.replace === true) window.history.replaceState(null, "", address);
  else window.history.pushState(null, "", address);
  changed.dispatchEvent(new Event("change"));
}

/** Changes some search parameters and keeps the rest; null or an empty list removes one. */
export function changeSearch(
  changes: Readonly<Record<string, string | readonly string[] | null>>,
  options: { readonly replace?: boolean } = {},
): void {
  const url = new URL(window.location.href);
  for (const [name, value] of Object.entries(changes)) {
    url.searchParams.delete(name);
    if (value === null) continue;
    for (const entry of typeof value === "string" ? [value] : value) url.searchParams.append(name, entry);
  }
  navigate(`${url.pathname}${url.search}${url.hash}`, options);
}

/** Click handler of links inside one page: new tabs and modified clicks stay with the browser. */
export function followLink(event: MouseEvent<HTMLAnchorElement>): void {
  const plain = event.button === 0 && !event.metaKey && !event.ctrlKey && !event.shiftKey && !event.altKey;
  const link = event.currentTarget;
  if (!plain || event.defaultPrevented || link.target === "_blank" || link.origin !== window.location.origin) return;
  event.preventDefault();
  navigate(`${link.pathname}${link.search}${link.hash}`);
  window.scrollTo(0, 0);
}

function subscribe(listener: () => void): () => void {
  changed.addEventListener("change", listener);
  window.addEventListener("popstate", listener);
  return () => {
    changed.removeEventListener("change", listener);
    window.removeEventListener("popstate", listener);
  };
}

function currentAddress(): string {
  return `${window.location.pathname}${window.location.search}`;
}
