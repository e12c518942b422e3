import { CustomResource, Duration, RemovalPolicy } from "aws-cdk-lib";
import type { Grant, IGrantable } from "aws-cdk-lib/aws-iam";
import { type ISecret, Secret } from "aws-cdk-lib/aws-secretsmanager";
import { Construct } from "constructs";
import { rotateSecret } from "./grants.ts";
import type { ReadSenderProps } from "./read-sender-props.ts";
import type { SendersFunction } from "./senders-function.ts";

export interface PostriderSenderProps extends ReadSenderProps {
  /** Makes the sender when the stack is deployed. */
  readonly maker: SendersFunction;
  readonly grantOutbox: (grantee: IGrantable, senderId: string) => Grant;
}

/** A deployment waits so long for the function's answer, and then fails. */
const answerTimeout = Duration.minutes(10);

/**
 * A sender that is created with the stack: `addSender` of a Postrider makes one. Its key is made at the
 * deployment and is in the secret alone: in no template, output, event or log.
 */
export class PostriderSender extends Construct {
  readonly senderId: string;
  /** Holds `{"senderId":"…","apiKey":"prk_…"}`. */
  readonly secret: ISecret;
  private readonly grantOutbox: PostriderSenderProps["grantOutbox"];

  constructor(scope: Construct, id: string, props: PostriderSenderProps) {
    super(scope, id);
    const { senderId, maker, encryptionKey } = props;
    this.senderId = senderId;
    this.grantOutbox = props.grantOutbox;
    // It begins with a text that CloudFormation generates and that is no key.
    this.secret = new Secret(this, "Secret", {
      description: `The API key of the sender ${senderId} of Postrider`,
      encryptionKey,
      // A key without its sender is revoked: nothing is left to keep.
      removalPolicy: RemovalPolicy.DESTROY,
    });
    maker.allow(...rotateSecret(this.secret, encryptionKey));
    const resource = new CustomResource(this, "Resource", {
      resourceType: "Custom::PostriderSender",
      serviceToken: maker.lambda.functionArn,
      serviceTimeout: answerTimeout,
      properties: {
        SenderId: senderId,
        Defaults: JSON.stringify(props.defaults ?? {}),
        Scopes: props.scopes,
        KeyVersion: props.keyVersion,
        OverlapMs: props.keyOverlap.toMilliseconds(),
        SecretArn: this.secret.secretArn,
      },
    });
    // Its permissions are there before the function is called.
    resource.node.addDependency(maker);
  }

  /** Lets a service read the key, to send and to look over HTTP. */
  grantRead(grantee: IGrantable): Grant {
    return this.secret.grantRead(grantee);
  }

  /** Grants what a service needs that sends as this sender by `postrider/outbox`, without a key. */
  grantSend(grantee: IGrantable): Grant {
    return this.grantOutbox(grantee, this.senderId);
  }
}
