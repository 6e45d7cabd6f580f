import { Button, PasswordInput, TextInput } from "@mantine/core";
import { useMutation, useQueryClient } from "@tanstack/react-query";
import { type FormEvent, useState } from "react";
import { diagnosticOf } from "../../shared/http/api-error.ts";
import { navigate, usePageLocation } from "../../shared/location.ts";
import { Problem } from "../../shared/states/Problem.tsx";
import { usePageTitle } from "../../shared/use-page-title.ts";
import { login } from "../api/dashboards-api.ts";
import { EntryCard } from "./EntryCard.tsx";
import { localAddress } from "./local-address.ts";
import { forgetPasswordSkip } from "./password-skip.ts";

export function LoginPage() {
  usePageTitle("Sign in");
  const { search } = usePageLocation();
  const queryClient = useQueryClient();
  const [user, setUser] = useState("");
  const [password, setPassword] = useState("");
  const signIn = useMutation({
    mutationFn: () => login(user.trim(), password),
    onSuccess: () => {
      forgetPasswordSkip();
      queryClient.removeQueries();
      navigate(localAddress(search.get("redirectTo")), { replace: true });
    },
  });
  const submit = (event: FormEvent): void => {
    event.preventDefault();
    signIn.mutate();
  };
  return (
    <EntryCard title="Sign in to Tatou" subtitle="Dashboards of the monitoring stack">
      <form onSubmit={submit}>
        <TextInput
          label="Login"
          name="user"
          autoComplete="username"
          autoFocus
          required
          withAsterisk={false}
          value={user}
          onChange={(event) => setUser(event.currentTarget.value)}
        />
        <PasswordInput
          mt="sm"
          label="Password"
          name="password"
          autoComplete="current-password"
          required
          withAsterisk={false}
          value={password}
          onChange={(event) => setPassword(event.currentTarget.value)}
        />
        <Button type="submit" fullWidth mt="lg" size="sm" loading={signIn.isPending}>
          Sign in
        </Button>
        {signIn.isError && (
          <div style={{ marginTop: 14 }}>
            <Problem diagnostic={diagnosticOf(signIn.error)} />
          </div>
        )}
      </form>
    </EntryCard>
  );
}
