import { useEffect } from "react";

/** The window's title while the page is shown. */
export function usePageTitle(title: string): void {
  useEffect(() => {
    document.title = `${title} · Tatou`;
  }, [title]);
}
