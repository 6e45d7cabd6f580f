import { ActionIcon, Tooltip, useComputedColorScheme, useMantineColorScheme } from "@mantine/core";
import type { ReactNode } from "react";
import { BrandIcon, MoonIcon, SunIcon } from "../icons.tsx";
import { followLink, usePageLocation } from "../location.ts";
import classes from "./Shell.module.css";

export interface ShellLink {
  readonly label: string;
  readonly path: string;
  /** Lit when the address is this path or below; "/" only when it is exactly that. */
  readonly alsoAt?: readonly string[];
}

interface ShellProps {
  /** Which of the programs this page belongs to; also the window's title, after the page's own. */
  readonly product: string;
  readonly links: readonly ShellLink[];
  /** Right end of the header, before the colour scheme switch: status, account. */
  readonly actions?: ReactNode;
  /** A dashboard uses the whole width; texts and tables stay readable at a limited one. */
  readonly wide?: boolean;
  readonly children: ReactNode;
}

/** The frame of every page: brand, navigation, colour scheme, content. */
export function Shell({ product, links, actions, wide = false, children }: ShellProps) {
  const { path } = usePageLocation();
  return (
    <>
      <a className={classes.skip} href="#content">
        Skip to content
      </a>
      <header className={classes.header}>
        <a className={classes.brand} href={links[0]?.path ?? "/"} onClick={followLink}>
          <BrandIcon />
          <span className={classes.brandName}>Tatou</span>
          <span className={classes.product}>{product}</span>
        </a>
        <nav className={classes.nav} aria-label="Main">
          {links.map((link) => (
            <a
              key={link.path}
              href={link.path}
              onClick={followLink}
              className={classes.navLink}
              aria-current={isAt(link, path) ? "page" : undefined}
            >
              {link.label}
            </a>
          ))}
        </nav>
        <div className={classes.actions}>
          {actions}
          <ColorSchemeSwitch />
        </div>
      </header>
      <main id="content" className={wide ? classes.contentWide : classes.content}>
        {children}
      </main>
    </>
  );
}

export function ColorSchemeSwitch() {
  const { setColorScheme } = useMantineColorScheme();
  const shown = useComputedColorScheme("dark");
  const other = shown === "dark" ? "light" : "dark";
  return (
    <Tooltip label={`Use ${other} colours`}>
      <ActionIcon aria-label={`Use ${other} colours`} onClick={() => setColorScheme(other)}>
        {shown === "dark" ? <SunIcon size={17} /> : <MoonIcon size={17} />}
      </ActionIcon>
    </Tooltip>
  );
}

function isAt(link: ShellLink, path: string): boolean {
  return [link.path, ...(link.alsoAt ?? [])].some(
    (prefix) => path === prefix || (prefix !== "/" && path.startsWith(`${prefix}/`)),
  );
}
