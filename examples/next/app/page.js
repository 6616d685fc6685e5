import { cookies } from "next/headers";
import { clientFor } from "../telematics.js";

export default async function Page() {
  const store = await cookies();
  // Without `set` the client never renews: the proxy has done it.
  const client = await clientFor({ get: (name) => store.get(name)?.value });
  try {
    return <Content user={client.session && (await client.profile())} />;
  } finally {
    client.dispose();
  }
}

function Content({ user }) {
  if (user) {
    return (
      <form action="/sign-out" method="post">
        <p>Hello {user.userProfile.firstName}</p>
        <button>Sign out</button>
      </form>
    );
  }
  return (
    <form action="/join" method="post">
      <label>
        First name <input name="firstName" />
      </label>
      <button>Join</button>
    </form>
  );
}
