package io.millio.examples;

import java.util.List;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Spec;

/** Runs the example that the first argument names, or lists them. */
@Command(
        name = "run",
        description = "Runs an example of Mill-IO; each has a --help of its own.",
        mixinStandardHelpOptions = true,
        synopsisSubcommandLabel = "EXAMPLE")
final class Main implements Runnable {
    /** In the order of the list. */
    static final List<String> EXAMPLES = List.of(
            "echo-server",
            "unix-echo-server",
            "udp-echo-server",
            "net-echo-server",
            "net-echo-client",
            "pooled-client",
            "chat-server",
            "tcp-proxy",
            "shaped-transfer",
            "http-server",
            "jsonrpc-server",
            "jsonrpc-client",
            "file-watcher");

    @Spec
    private CommandSpec spec;

    public static void main(String[] args) {
        System.exit(commandLine(args).execute(args));
    }

    /** What understands these arguments: of all examples it knows only the one that they name, where they do. */
    static CommandLine commandLine(String... args) {
        CommandLine line = new CommandLine(new Main());
        List<String> known = args.length > 0 && EXAMPLES.contains(args[0]) ? List.of(args[0]) : EXAMPLES;
        for (String name : known) {
            line.addSubcommand(name, example(name));
        }
        return line.setCaseInsensitiveEnumValuesAllowed(true)
                .setExecutionExceptionHandler((failure, command, parsed) -> {
                    command.getErr().println(command.getCommandName() + ": " + Servers.reason(failure));
                    return CommandLine.ExitCode.SOFTWARE;
                });
    }

    /** Looking through the options of all of them would take longer than the rest of the start. */
    private static Object example(String name) {
        return switch (name) {
            case "echo-server" -> new EchoServer();
            case "unix-echo-server" -> new UnixEchoServer();
            case "udp-echo-server" -> new UdpEchoServer();
            case "net-echo-server" -> new NetEchoServer();
            case "net-echo-client" -> new NetEchoClient();
            case "pooled-client" -> new PooledClient();
            case "chat-server" -> new ChatServer();
            case "tcp-proxy" -> new TcpProxy();
            case "shaped-transfer" -> new ShapedTransfer();
            case "http-server" -> new HttpServerExample();
            case "jsonrpc-server" -> new JsonRpcServerExample();
            case "jsonrpc-client" -> new JsonRpcClientExample();
            case "file-watcher" -> new FileWatcherExample();
            default -> throw new IllegalArgumentException(name);
        };
    }

    @Override
    public void run() {
        for (CommandLine example : spec.commandLine().getSubcommands().values()) {
            String[] description = example.getCommandSpec().usageMessage().description();
            spec.commandLine().getOut().printf("%-16s %s%n", example.getCommandName(), String.join(" ", description));
        }
    }
}
