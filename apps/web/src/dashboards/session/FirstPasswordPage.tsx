import { Button } from "@mantine/core";
import { useQueryClient } from "@tanstack/react-query";
import { usePageTitle } from "../../shared/use-page-title.ts";
import { EntryCard } from "./EntryCard.tsx";
import { PasswordForm } from "./PasswordForm.tsx";

/** Asked after the first sign-in; may be put off until the next one. */
export function FirstPasswordPage({ onSkip }: { readonly onSkip: () => void }) {
  usePageTitle("Choose a password");
  const queryClient = useQueryClient();
  return (
    <EntryCard
      title="Choose a new password"
      subtitle="This account still has the password everybody knows. Whoever reaches this port can sign in with it."
    >
      <PasswordForm
        submitLabel="Save password"
        onDone={() => void queryClient.invalidateQueries({ queryKey: ["session"] })}
      >
        <Button variant="subtle" color="gray" size="sm" onClick={onSkip}>
          Skip for now
        </Button>
      </PasswordForm>
    </EntryCard>
  );
}
