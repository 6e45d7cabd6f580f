import { Command, type CommandUnknownOpts } from "@commander-js/extra-typings";
import { watermarkExitCodes } from "./commands/watermark-errors.ts";
import { exitCodeDefect } from "./exit-codes.ts";
import { helpStyle } from "./help.ts";
import { notifyTestExitCodes } from "./notify-test/exit-codes.ts";
import { ownVersion } from "./version.ts";

interface CommandEntry {
  readonly summary: string;
  readonly load: () => Promise<CommandUnknownOpts>;
  /** Of a command that was not understood; default 1. */
  readonly usageExitCode?: number;
}

/** Each command's module is loaded only when it is asked for: a program holds the memory of its own parts alone. */
const commands: Readonly<Record<string, CommandEntry>> = {
  up: {
    summary: "start platform, engine, alerts and dashboards, and keep them running",
    load: async () => (await import("./commands/up.ts")).upCommand(),
  },
  drill: {
    summary: "prove an alarm: attack, and follow every stage until somebody is told",
    load: async () => (await import("./commands/drill.ts")).drillCommand(),
    usageExitCode: 2,
  },
  check: {
    summary: "find alarms that cannot fire, come too late, or reach nobody; asks no server",
    load: async () => (await import("./commands/check.ts")).checkCommand(),
    usageExitCode: 2,
  },
  evasion: {
    summary: "measure how long each shape of an attack stays unseen by the rules",
    load: async () => (await import("./commands/evasion.ts")).evasionCommand(),
    usageExitCode: 2,
  },
  test: {
    summary: "test alert and recording rules, with the files of promtool test rules",
    load: async () => (await import("./commands/test-rules.ts")).testCommand(),
  },
  notify: {
    summary: "send marked test messages along the real routes to the real receivers",
    load: async () => (await import("./commands/notify-test.ts")).notifyCommand(),
    usageExitCode: notifyTestExitCodes.cannotRun,
  },
  server: {
    summary: "the platform alone",
    load: async () => (await import("./commands/server.ts")).serverCommand(),
    // 1 is what a backup with damaged files ends with.
    usageExitCode: 2,
  },
  engine: {
    summary: "the engine alone, in the place of Prometheus",
    load: async () => (await import("./commands/engine.ts")).engineCommand(),
  },
  alerts: {
    summary: "the alerts alone, in the place of Alertmanager",
    load: async () => (await import("./commands/alerts.ts")).alertsCommand(),
  },
  dashboards: {
    summary: "the dashboards alone, in the place of Grafana",
    load: async () => (await import("./commands/dashboards.ts")).dashboardsCommand(),
  },
  watermark: {
    summary: "hide a secret in a PDF file, or read it, without a server",
    load: async () => (await import("./commands/watermark.ts")).watermarkCommand(),
    usageExitCode: watermarkExitCodes.usage,
  },
  tsdb: {
    summary: "look into data directories, mend them, and make blocks, as promtool tsdb does",
    load: async () => (await import("./commands/tsdb.ts")).tsdbCommand(),
  },
  inbox: {
    summary: "the inbox alone: receives the notifications of any Alertmanager",
    load: async () => (await import("./commands/inbox.ts")).inboxCommand(),
  },
};

/** Runs the `tatou` command with the arguments behind it. */
export async function run(args: readonly string[]): Promise<void> {
  process.once("uncaughtException", endWithDefect);
  const program = new Command("tatou")
    .description("Tatou, a platform for watermarking PDF documents, with its whole monitoring stack")
    .version(ownVersion(), "-V, --version", "print the version")
    .helpOption("-h, --help", "print this help")
    .helpCommand("help [command]", "print the help of a command")
    .showHelpAfterError("  Run `./tatou help` to see what there is")
    .configureHelp(helpStyle);
  const asked = args[0] === "help" ? args[1] : args[0];
  for (const [name, { summary, load, usageExitCode = 1 }] of Object.entries(commands)) {
    const command: CommandUnknownOpts = name === asked ? await load() : new Command(name);
    command.description(summary);
    settle(command, { program, help: `help ${name}`, usageExitCode });
    for (const part of command.commands) settleParts(part, name, { program, usageExitCode });
    program.addCommand(command);
  }
  // Without a command there is nothing to do but to say what there is.
  if (args.length === 0) program.outputHelp();
  else await program.parseAsync([...args], { from: "user" });
}

interface Manners {
  readonly program: CommandUnknownOpts;
  /** What to type to see its flags. */
  readonly help: string;
  readonly usageExitCode: number;
}

/** Gives a command the manners of the program. */
function settle(command: CommandUnknownOpts, { program, help, usageExitCode }: Manners): void {
  command
    .copyInheritedSettings(program)
    .helpOption("-h, --help", "print this help")
    .showHelpAfterError(`  Run \`./tatou ${help}\` to see its flags`)
    .exitOverride(({ exitCode }) => process.exit(exitCode === 0 ? 0 : usageExitCode));
}

/** Gives a command of a command the same, and those below it. */
function settleParts(command: CommandUnknownOpts, above: string, manners: Omit<Manners, "help">): void {
  const path = `${above} ${command.name()}`;
  settle(command, { ...manners, help: `${path} --help` });
  for (const part of command.commands) settleParts(part, path, manners);
}

/** Node itself would print the whole source line, and a bundle's line is as long as the bundle. */
function endWithDefect(error: unknown): void {
  process.stderr.write(`${error instanceof Error ? (error.stack ?? error.message) : String(error)}\n`);
  process.exit(exitCodeDefect);
}
