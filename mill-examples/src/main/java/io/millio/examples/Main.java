package io.millio.examples;

import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Spec;

/** Runs the example that the first argument names, or lists them. */
@Command(
        name = "run",
        description = "Runs an example of Mill-IO; each has a --help of its own.",
        subcommands = {
            EchoServer.class,
            UnixEchoServer.class,
            UdpEchoServer.class,
            NetEchoServer.class,
            NetEchoClient.class,
            PooledClient.class,
            ChatServer.class,
            TcpProxy.class,
            ShapedTransfer.class,
            HttpServerExample.class,
            FileWatcherExample.class
        },
        mixinStandardHelpOptions = true,
        synopsisSubcommandLabel = "EXAMPLE")
final class Main implements Runnable {
    @Spec
    private CommandSpec spec;

    public static void main(String[] args) {
        System.exit(commandLine().execute(args));
    }

    static CommandLine commandLine() {
        return new CommandLine(new Main())
                .setCaseInsensitiveEnumValuesAllowed(true)
                .setExecutionExceptionHandler((failure, command, parsed) -> {
                    command.getErr().println(command.getCommandName() + ": " + Servers.reason(failure));
                    return CommandLine.ExitCode.SOFTWARE;
                });
    }

    @Override
    public void run() {
        for (CommandLine example : spec.commandLine().getSubcommands().values()) {
            String[] description = example.getCommandSpec().usageMessage().description();
            spec.commandLine().getOut().printf("%-16s %s%n", example.getCommandName(), String.join(" ", description));
        }
    }
}
