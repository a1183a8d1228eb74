package io.trimtab.serving.openai;

import java.net.Inet6Address;
import java.net.InetAddress;

/**
 * Which addresses belong to the internet at large (IANA's special-purpose registries): not this
 * machine, not its network, not what stands for another address.
 */
final class PublicAddress {
  private PublicAddress() {}

  static boolean is(InetAddress address) {
    return !address.isAnyLocalAddress()
        && !address.isLoopbackAddress()
        && !address.isLinkLocalAddress()
        && !address.isSiteLocalAddress()
        && !address.isMulticastAddress()
        && (address instanceof Inet6Address
            ? isPublic6(address.getAddress())
            : isPublic4(address.getAddress()));
  }

  private static boolean isPublic4(byte[] octets) {
    int a = octets[0] & 0xff;
    int b = octets[1] & 0xff;
    int c = octets[2] & 0xff;
    return switch (a) {
      case 0, 10, 127 -> false;
      case 100 -> b < 64 || b > 127;
      case 169 -> b != 254;
      case 172 -> b < 16 || b > 31;
      case 192 -> b != 168 && !(b == 0 && (c == 0 || c == 2)) && !(b == 88 && c == 99);
      case 198 -> b != 18 && b != 19 && !(b == 51 && c == 100);
      case 203 -> !(b == 0 && c == 113);
      default -> a < 224;
    };
  }

  /**
   * Within 2000::/3, without documentation (2001:db8::/32), Teredo (2001::/32), 6to4 (2002::/16).
   */
  private static boolean isPublic6(byte[] octets) {
    int first = (octets[0] & 0xff) << 8 | octets[1] & 0xff;
    int second = (octets[2] & 0xff) << 8 | octets[3] & 0xff;
    return first >>> 13 == 1
        && first != 0x2002
        && !(first == 0x2001 && (second == 0 || second == 0xdb8));
  }
}
