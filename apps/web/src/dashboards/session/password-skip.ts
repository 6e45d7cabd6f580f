import { useCallback, useState } from "react";
import type { Session } from "../api/dashboards-api.ts";

const key = "tatou-password-skipped";

/** Whether the reader put off choosing a password, which lasts until the browser tab closes or they sign in again. */
export function usePasswordSkip(): [boolean, () => void] {
  const [skipped, setSkipped] = useState(() => sessionStorage.getItem(key) === "yes");
  const skip = useCallback(() => {
    sessionStorage.setItem(key, "yes");
    setSkipped(true);
  }, []);
  return [skipped, skip];
}

/** A new sign-in asks again. */
export function forgetPasswordSkip(): void {
  sessionStorage.removeItem(key);
}

export function isPasswordAskedFor(session: Session, skipped: boolean): boolean {
  return session.mustChangePassword && !skipped;
}
