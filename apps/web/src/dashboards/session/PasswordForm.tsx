import { Button, PasswordInput } from "@mantine/core";
import { useMutation } from "@tanstack/react-query";
import { type FormEvent, type ReactNode, useState } from "react";
import { diagnosticOf } from "../../shared/http/api-error.ts";
import { Problem } from "../../shared/states/Problem.tsx";
import { changePassword } from "../api/dashboards-api.ts";
import { passwordComplaint } from "./password-complaint.ts";

interface PasswordFormProps {
  readonly submitLabel: string;
  readonly onDone: () => void;
  readonly children?: ReactNode;
}

export function PasswordForm({ submitLabel, onDone, children }: PasswordFormProps) {
  const [oldPassword, setOldPassword] = useState("");
  const [newPassword, setNewPassword] = useState("");
  const [repeated, setRepeated] = useState("");
  const change = useMutation({ mutationFn: () => changePassword(oldPassword, newPassword), onSuccess: onDone });
  const complaint = passwordComplaint({ oldPassword, newPassword, repeated });
  const submit = (event: FormEvent): void => {
    event.preventDefault();
    if (complaint === null) change.mutate();
  };
  return (
    <form onSubmit={submit}>
      <PasswordInput
        label="Present password"
        autoComplete="current-password"
        required
        withAsterisk={false}
        value={oldPassword}
        onChange={(event) => setOldPassword(event.currentTarget.value)}
      />
      <PasswordInput
        mt="sm"
        label="New password"
        autoComplete="new-password"
        required
        withAsterisk={false}
        value={newPassword}
        onChange={(event) => setNewPassword(event.currentTarget.value)}
      />
      <PasswordInput
        mt="sm"
        label="New password again"
        autoComplete="new-password"
        required
        withAsterisk={false}
        value={repeated}
        onChange={(event) => setRepeated(event.currentTarget.value)}
        error={repeated === "" ? null : complaint}
      />
      {change.isError && (
        <div style={{ marginTop: 14 }}>
          <Problem diagnostic={diagnosticOf(change.error)} />
        </div>
      )}
      <div style={{ display: "flex", gap: 8, marginTop: 20 }}>
        <Button type="submit" size="sm" loading={change.isPending} disabled={complaint !== null}>
          {submitLabel}
        </Button>
        {children}
      </div>
    </form>
  );
}
