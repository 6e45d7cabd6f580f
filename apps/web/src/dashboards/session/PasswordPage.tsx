import { useState } from "react";
import { PageHeader } from "../../shared/shell/PageHeader.tsx";
import { usePageTitle } from "../../shared/use-page-title.ts";
import { PasswordForm } from "./PasswordForm.tsx";
import classes from "./session.module.css";

export function PasswordPage() {
  usePageTitle("Change password");
  const [changed, setChanged] = useState(false);
  return (
    <div className={classes.narrow}>
      <PageHeader title="Change password" />
      {changed ? (
        <p role="status">Your password is changed.</p>
      ) : (
        <div className={classes.form}>
          <PasswordForm submitLabel="Change password" onDone={() => setChanged(true)} />
        </div>
      )}
    </div>
  );
}
