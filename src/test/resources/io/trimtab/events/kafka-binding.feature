Feature: CloudEvents as records of Kafka

  What the Kafka protocol binding of CloudEvents 1.0 asks of a receiver, shown on the reader that the
  feedback topic has.

  Scenario Outline: Binary mode with <type>
    Given a record with the value
      """
      {"correction": "wren"}
      """
    And the header "ce_specversion" is "1.0"
    And the header "ce_id" is "e-1"
    And the header "ce_type" is "io.trimtab.feedback.v1"
    And the header "ce_source" is "/apps/birds"
    And the header "ce_time" is "2026-02-03T04:05:06Z"
    And the header "content-type" is "<type>"
    When the record is read
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
    Given a record with the value
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
    When the record is read
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
    Given a record with the value
      """
      {"specversion": "1.0", "id": "inside", "type": "io.trimtab.feedback.v1", "source": "/a"}
      """
    And the header "content-type" is "application/cloudevents+json"
    And the header "ce_specversion" is "1.0"
    And the header "ce_id" is "outside"
    When the record is read
    Then the event has the attributes
      | id | inside |

  Scenario: Data in base64
    Given a record with the value
      """
      {"specversion": "1.0", "id": "e-1", "type": "io.trimtab.feedback.v1", "source": "/a",
       "data_base64": "eyJjb3JyZWN0aW9uIjoid3JlbiJ9"}
      """
    And the header "content-type" is "application/cloudevents+json"
    When the record is read
    Then its data is the JSON
      """
      {"correction":"wren"}
      """

  Scenario: Extensions come along
    Given a record with the value
      """
      {}
      """
    And the header "ce_specversion" is "1.0"
    And the header "ce_id" is "e-1"
    And the header "ce_type" is "io.trimtab.feedback.v1"
    And the header "ce_source" is "/a"
    And the header "ce_traceparent" is "00-1-2-01"
    When the record is read
    Then the event has the extension "traceparent" of "00-1-2-01"

  Scenario Outline: A record without <missing> is refused
    Given a record with the value
      """
      {}
      """
    And the header "ce_specversion" is "1.0"
    And the header "ce_id" is "e-1"
    And the header "ce_type" is "io.trimtab.feedback.v1"
    And the header "ce_source" is "/a"
    But there is no header "<missing>"
    When the record is read
    Then it is refused

    Examples:
      | missing        |
      | ce_specversion |
      | ce_id          |
      | ce_type        |
      | ce_source      |

  Scenario: An event of the version before is refused
    Given a record with the value
      """
      {"specversion": "0.3", "id": "e-1", "type": "io.trimtab.feedback.v1", "source": "/a"}
      """
    And the header "content-type" is "application/cloudevents+json"
    When the record is read
    Then it is refused
