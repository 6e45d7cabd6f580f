import { Component, type ReactNode } from "react";
import { diagnosticOf } from "../http/api-error.ts";
import { Problem } from "./Problem.tsx";

/** Shows a defect of a page in words instead of an empty screen. */
export class PageErrorBoundary extends Component<{ readonly children: ReactNode }, { readonly error: unknown }> {
  override readonly state: { readonly error: unknown } = { error: null };

  static getDerivedStateFromError(error: unknown): { error: unknown } {
    return { error };
  }

  override render(): ReactNode {
    if (this.state.error === null) return this.props.children;
    return <Problem diagnostic={diagnosticOf(this.state.error)} onRetry={() => window.location.reload()} />;
  }
}
