Feature: CloudEvents as requests of HTTP

  What the HTTP protocol binding of CloudEvents 1.0 asks of a receiver, shown on the reader that
  /v1/feedback has.

  Scenario Outline: Binary mode with <type>
    Given a request with the body
      """
      {"correction": "wren"}
      """
    And the header "ce-specversion" is "1.0"
    And the header "ce-id" is "e-1"
    And the header "ce-type" is "io.trimtab.feedback.v1"
    And the header "ce-source" is "/apps/birds"
    And the header "ce-time" is "2026-02-03T04:05:06Z"
    And the header "Content-Type" is "<type>"
    When the request is read
    Then the event has the attributes
      | specversion     | 1.0                    |
      | id              | e-1                    |
      | type            | io.trimtab.feedback.v1 |
      | source          | /apps/birds            |
      | time            | 2026-02-03T04:05:06Z   |
      | datacontenttype | <type>                 |
    And its data is the JSON
      """
      {"correction":"wren"}
      """

    Examples:
      | type                            |
      | application/json                |
      | application/json; charset=utf-8 |

  Scenario Outline: Structured mode with <type>
    Given a request with the body
      """
      {
        "specversion": "1.0",
        "id": "e-1",
        "type": "io.trimtab.feedback.v1",
        "source": "/apps/birds",
        "time": "2026-02-03T04:05:06Z",
        "datacontenttype": "application/json",
        "data": {"correction": "wren"}
      }
      """
    And the header "content-type" is "<type>"
    When the request is read
    Then the event has the attributes
      | specversion     | 1.0                    |
      | id              | e-1                    |
      | type            | io.trimtab.feedback.v1 |
      | source          | /apps/birds            |
      | time            | 2026-02-03T04:05:06Z   |
      | datacontenttype | application/json       |
    And its data is the JSON
      """
      {"correction":"wren"}
      """

    Examples:
      | type                                        |
      | application/cloudevents+json                |
      | application/cloudevents+json; charset=utf-8 |
      | Application/CloudEvents+JSON                |

  Scenario: Structured mode wins over headers of binary mode
    Given a request with the body
      """
      {"specversion": "1.0", "id": "inside", "type": "io.trimtab.feedback.v1", "source": "/a"}
      """
    And the header "content-type" is "application/cloudevents+json"
    And the header "ce-specversion" is "1.0"
    And the header "ce-id" is "outside"
    When the request is read
    Then the event has the attributes
      | id | inside |

  Scenario Outline: Names of headers are <spelled>
    Given a request with the body
      """
      {}
      """
    And the header "<version>" is "1.0"
    And the header "<id>" is "e-1"
    And the header "ce-type" is "io.trimtab.feedback.v1"
    And the header "ce-source" is "/a"
    When the request is read
    Then the event has the attributes
      | id | e-1 |

    Examples:
      | spelled | version        | id    |
      | small   | ce-specversion | ce-id |
      | large   | CE-SPECVERSION | CE-ID |
      | mixed   | Ce-SpecVersion | Ce-Id |

  Scenario Outline: The header <value> stands for <text>
    Given a request with the body
      """
      {}
      """
    And the header "ce-specversion" is "1.0"
    And the header "ce-id" has the value
      """
      <value>
      """
    And the header "ce-type" is "io.trimtab.feedback.v1"
    And the header "ce-source" is "/a"
    When the request is read
    Then the event has the attributes
      | id | <text> |

    Examples:
      | value         | text   |
      | a%20b         | a b    |
      | %e2%82%ac     | €      |
      | 100%25        | 100%   |
      | %2520         | %20    |
      | "a b"         | a b    |
      | "say \"yes\"" | say "yes" |

  Scenario Outline: The header <value> is refused
    Given a request with the body
      """
      {}
      """
    And the header "ce-specversion" is "1.0"
    And the header "ce-id" is "<value>"
    And the header "ce-type" is "io.trimtab.feedback.v1"
    And the header "ce-source" is "/a"
    When the request is read
    Then it is refused

    Examples:
      | value |
      | %     |
      | a%2   |
      | %zz   |
      | %ff   |

  Scenario Outline: A request without <missing> is refused
    Given a request with the body
      """
      {}
      """
    And the header "ce-specversion" is "1.0"
    And the header "ce-id" is "e-1"
    And the header "ce-type" is "io.trimtab.feedback.v1"
    And the header "ce-source" is "/a"
    But there is no header "<missing>"
    When the request is read
    Then it is refused

    Examples:
      | missing        |
      | ce-specversion |
      | ce-id          |
      | ce-type        |
      | ce-source      |

  Scenario: Another format is refused
    Given a request with the body
      """
      <event/>
      """
    And the header "content-type" is "application/cloudevents+xml"
    When the request is read
    Then it is refused

  Scenario: An event of the version before is refused
    Given a request with the body
      """
      {"specversion": "0.3", "id": "e-1", "type": "io.trimtab.feedback.v1", "source": "/a"}
      """
    And the header "content-type" is "application/cloudevents+json"
    When the request is read
    Then it is refused
