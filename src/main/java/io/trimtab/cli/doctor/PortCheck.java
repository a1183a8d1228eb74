package io.trimtab.cli.doctor;

import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.UnknownHostException;
import java.util.List;
import java.util.Optional;

/**
 * A port that a server will listen at: free, or whose it is. It is bound for an instant, and given
 * back.
 *
 * @param use what it is for, such as {@code gRPC}
 * @param host address to listen on
 * @param port 0 to 65535; 0 is any free one
 * @param option what names another
 */
public record PortCheck(String use, String host, int port, String option, Neighbour neighbour)
    implements Check {
  private static final int FIRST_FOR_EVERYBODY = 1024;

  @Override
  public String name() {
    return use + " port";
  }

  @Override
  public List<Finding> look() {
    InetAddress address;
    try {
      address = InetAddress.getByName(host);
    } catch (UnknownHostException e) {
      return List.of(
          Finding.fault(
              name(),
              "there is no address '%s' to listen on".formatted(host),
              "name one of this machine's with --host"));
    }
    if (!binds(address, 0)) {
      return List.of(
          Finding.fault(
              name(),
              "%s is no address of this machine".formatted(host),
              "name one of this machine's with --host; 0.0.0.0 is all of them"));
    }
    if (port == 0) {
      return List.of(Finding.ok(name(), "any free one"));
    }
    return List.of(
        binds(address, port)
            ? Finding.ok(name(), "%s:%d is free".formatted(host, port))
            : taken(address));
  }

  private Finding taken(InetAddress address) {
    InetAddress reached = address.isAnyLocalAddress() ? InetAddress.getLoopbackAddress() : address;
    Optional<String> trimtab = neighbour.at(reached.getHostAddress(), port);
    Optional<String> process = PortOwner.of(port);
    String where = "%s:%d is taken by ".formatted(host, port);
    String other = "name another with %s".formatted(option);
    if (trimtab.isPresent()) {
      String found = trimtab.get() + process.map(owner -> ", " + owner).orElse("");
      return Finding.warning(
          name(), where + found, "all is well if that is the one you mean; for a second, " + other);
    }
    if (process.isEmpty() && port < FIRST_FOR_EVERYBODY) {
      return Finding.fault(
          name(),
          "%s:%d is taken, or not for this user".formatted(host, port),
          "%s; below %d a user needs the right to".formatted(other, FIRST_FOR_EVERYBODY));
    }
    return Finding.fault(
        name(), where + process.orElse("another program"), "end that, or " + other);
  }

  private static boolean binds(InetAddress address, int port) {
    try (ServerSocket socket = new ServerSocket()) {
      socket.bind(new InetSocketAddress(address, port));
      return true;
    } catch (IOException e) {
      return false;
    }
  }
}
