import { ActionIcon, Menu } from "@mantine/core";
import { useQueryClient } from "@tanstack/react-query";
import { UserIcon } from "../../shared/icons.tsx";
import { navigate } from "../../shared/location.ts";
import { logout } from "../api/dashboards-api.ts";

export function AccountMenu({ login }: { readonly login: string }) {
  const queryClient = useQueryClient();
  const signOut = async (): Promise<void> => {
    // Whatever the server answers, this page must not go on showing what the account may see.
    await logout().catch(() => undefined);
    queryClient.clear();
    navigate("/login");
  };
  return (
    <Menu position="bottom-end" width={180}>
      <Menu.Target>
        <ActionIcon aria-label={`Account of ${login}`}>
          <UserIcon size={17} />
        </ActionIcon>
      </Menu.Target>
      <Menu.Dropdown>
        <Menu.Label>Signed in as {login}</Menu.Label>
        <Menu.Item onClick={() => navigate("/profile/password")}>Change password</Menu.Item>
        <Menu.Item onClick={() => void signOut()}>Sign out</Menu.Item>
      </Menu.Dropdown>
    </Menu>
  );
}
