package io.trimtab.app;

import io.quarkus.test.junit.QuarkusTest;
import io.quarkus.test.junit.TestProfile;
import java.util.List;

@QuarkusTest
@TestProfile(GrpcParityLlava15Test.Served.class)
class GrpcParityLlava15Test extends GrpcParity {
  private static final String CHECKPOINT = "reference/llava-1.5";

  GrpcParityLlava15Test() {
    super(CHECKPOINT, List.of());
  }

  /** Quarkus makes profiles without arguments. */
  public static final class Served extends Profile {
    public Served() {
      super(CHECKPOINT);
    }
  }
}
