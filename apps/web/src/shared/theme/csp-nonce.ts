/** The nonce that the serving app wrote into this page: every style element we make must carry it. */
export function cspNonce(): string {
  return document.querySelector('meta[name="csp-nonce"]')?.getAttribute("content") ?? "";
}
